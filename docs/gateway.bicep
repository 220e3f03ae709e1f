// A gateway before the relay: Azure Front Door with a limit of requests for each address that sends webhooks.
// az deployment group create -g <group> -f docs/gateway.bicep -p functionAppName=<app>
// Then close the other way in: see docs/security.md.

@description('The function app that azd created.')
param functionAppName string

@description('More webhooks a minute from one address get 429. Vendors send from few addresses: see how many come at the busiest time.')
param webhooksPerMinute int = 3000

resource app 'Microsoft.Web/sites@2024-04-01' existing = {
  name: functionAppName
}

resource limits 'Microsoft.Network/FrontDoorWebApplicationFirewallPolicies@2024-02-01' = {
  name: 'relaylimits'
  location: 'global'
  sku: { name: 'Standard_AzureFrontDoor' }
  properties: {
    policySettings: { enabledState: 'Enabled', mode: 'Prevention', customBlockResponseStatusCode: 429 }
    customRules: {
      rules: [
        {
          name: 'webhooks'
          ruleType: 'RateLimitRule'
          priority: 100
          rateLimitDurationInMinutes: 1
          rateLimitThreshold: webhooksPerMinute
          matchConditions: [
            { matchVariable: 'RequestUri', operator: 'Contains', matchValue: ['/api/webhooks/'] }
          ]
          action: 'Block'
        }
        {
          name: 'others'
          ruleType: 'RateLimitRule'
          priority: 200
          rateLimitDurationInMinutes: 1
          rateLimitThreshold: 300
          matchConditions: [
            {
              matchVariable: 'RequestUri'
              operator: 'Contains'
              negateCondition: true
              matchValue: ['/api/webhooks/']
            }
          ]
          action: 'Block'
        }
      ]
    }
  }
}

resource profile 'Microsoft.Cdn/profiles@2024-02-01' = {
  name: 'relay-gateway'
  location: 'global'
  sku: { name: 'Standard_AzureFrontDoor' }

  resource endpoint 'afdEndpoints' = {
    name: 'relay-${uniqueString(resourceGroup().id)}'
    location: 'global'
    properties: { enabledState: 'Enabled' }

    resource route 'routes' = {
      name: 'api'
      properties: {
        originGroup: { id: profile::origins.id }
        patternsToMatch: ['/api/*']
        supportedProtocols: ['Https']
        forwardingProtocol: 'HttpsOnly'
        httpsRedirect: 'Disabled'
        linkToDefaultDomain: 'Enabled'
      }
      dependsOn: [profile::origins::origin]
    }
  }

  resource origins 'originGroups' = {
    name: 'relay'
    properties: {
      loadBalancingSettings: { sampleSize: 4, successfulSamplesRequired: 2 }
      // 200 while webhooks can be taken, also when DirectScale cannot be reached.
      healthProbeSettings: {
        probePath: '/api/health'
        probeRequestType: 'GET'
        probeProtocol: 'Https'
        probeIntervalInSeconds: 60
      }
    }

    resource origin 'origins' = {
      name: 'app'
      properties: {
        hostName: app.properties.defaultHostName
        originHostHeader: app.properties.defaultHostName
      }
    }
  }

  resource protection 'securityPolicies' = {
    name: 'limits'
    properties: {
      parameters: {
        type: 'WebApplicationFirewall'
        wafPolicy: { id: limits.id }
        associations: [{ domains: [{ id: profile::endpoint.id }], patternsToMatch: ['/*'] }]
      }
    }
  }
}

@description('For PUBLIC_URL, and for the senders.')
output address string = 'https://${profile::endpoint.properties.hostName}'

@description('What the access restriction of the function app lets in.')
output frontDoorId string = profile.properties.frontDoorId
