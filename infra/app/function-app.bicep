param name string
param planName string
param location string
param tags object

@description('Name of the service in azure.yaml.')
param serviceName string

param nodeVersion string
param identityId string
param identityClientId string
param storageAccountName string
param deploymentContainerName string
param vaultUri string
param applicationInsightsName string

@description('Empty: the app is in no virtual network.')
param subnetId string

@description('App settings of the relay by name. An empty or missing one keeps the default of the app.')
param settings object

param maximumInstanceCount int
param alwaysReadyInstances int

@description('Memory of an instance, in MB.')
param instanceMemory int

var storageSuffix = environment().suffixes.storage

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageAccountName
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': serviceName })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    // Senders of webhooks are on the internet, also where storage and vault are not.
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${deploymentContainerName}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: { name: 'node', version: nodeVersion }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstanceCount
        instanceMemoryMB: instanceMemory
        alwaysReady: alwaysReadyInstances > 0 ? [{ name: 'http', instanceCount: alwaysReadyInstances }] : []
        triggers: {
          // The direct route calls DirectScale from here.
          http: { perInstanceConcurrency: 16 }
        }
      }
    }
  }

  // The platform's own settings, then those of the relay (src/config/settings.ts). No secret: those are in the vault.
  resource appSettings 'config' = {
    name: 'appsettings'
    properties: {
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
      APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsights.properties.ConnectionString
      AzureWebJobsStorage__blobServiceUri: 'https://${storage.name}.blob.${storageSuffix}'
      AzureWebJobsStorage__clientId: identityClientId
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__queueServiceUri: 'https://${storage.name}.queue.${storageSuffix}'
      AzureWebJobsStorage__tableServiceUri: 'https://${storage.name}.table.${storageSuffix}'
      AZURE_CLIENT_ID: identityClientId
      KEY_VAULT_URL: vaultUri
      REGION_WHERE_NONE: settings.?REGION_WHERE_NONE ?? ''
      DIRECTSCALE_CALLS_PER_SECOND: settings.?DIRECTSCALE_CALLS_PER_SECOND ?? ''
      DIRECTSCALE_CALLS_AT_A_TIME: settings.?DIRECTSCALE_CALLS_AT_A_TIME ?? ''
      CUSTOMER_WRITES_PER_MINUTE: settings.?CUSTOMER_WRITES_PER_MINUTE ?? ''
      DIRECTSCALE_BASE_URL: settings.?DIRECTSCALE_BASE_URL ?? ''
      DIRECTSCALE_ENVIRONMENT: settings.?DIRECTSCALE_ENVIRONMENT ?? ''
      DIRECTSCALE_KEY_SECRET: settings.?DIRECTSCALE_KEY_SECRET ?? ''
      DIRECTSCALE_QUERY_EXTERNAL_REFERENCE_ID: settings.?DIRECTSCALE_QUERY_EXTERNAL_REFERENCE_ID ?? ''
      DIRECTSCALE_QUERY_USERNAME: settings.?DIRECTSCALE_QUERY_USERNAME ?? ''
      DIRECTSCALE_QUERY_WEB_ALIAS: settings.?DIRECTSCALE_QUERY_WEB_ALIAS ?? ''
      DIRECTSCALE_SETTLE_MS: settings.?DIRECTSCALE_SETTLE_MS ?? ''
      CONSOLE: settings.?CONSOLE ?? ''
      DIRECTSCALE_TIMEOUT_MS: settings.?DIRECTSCALE_TIMEOUT_MS ?? ''
      MAX_BODY_BYTES: settings.?MAX_BODY_BYTES ?? ''
      PUBLIC_URL: settings.?PUBLIC_URL ?? ''
      RELAY_CONFIG: settings.?RELAY_CONFIG ?? ''
      RETENTION_DAYS: settings.?RETENTION_DAYS ?? ''
      RETRY_SCHEDULE: settings.?RETRY_SCHEDULE ?? ''
      SECRETS_MIN_REFRESH_SECONDS: settings.?SECRETS_MIN_REFRESH_SECONDS ?? ''
      SECRETS_TTL_MINUTES: settings.?SECRETS_TTL_MINUTES ?? ''
    }
  }

  resource noFtpPassword 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource noDeploymentPassword 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

output name string = app.name
output uri string = 'https://${app.properties.defaultHostName}'
