param rulePrefix string
param actionGroupName string
param location string
param tags object
param applicationInsightsId string
param workspaceId string

@description('Who may read secrets without an alert.')
param appPrincipalId string

@description('Empty: alerts are shown in the portal only.')
param email string

@description('Names of the sources that must not fall silent.')
param sources array

@description('After so long without a delivery a source counts as silent.')
param silentAfter string

// Scope app: Application Insights; workspace: tables that it does not show.
// Severity 1: changes wait now. 2: somebody has to look today.
// The rule fires for each combination of its dimensions for which the measure is above the threshold.
var rules = [
  {
    name: 'parked'
    scope: 'app'
    title: 'Changes are parked'
    severity: 2
    query: loadTextContent('../alerts/parked.kql')
    frequency: 'PT15M'
    window: 'PT15M'
    measure: 'changes'
    threshold: 0
    dimensions: ['source', 'reason']
  }
  {
    name: 'oldest-message'
    scope: 'app'
    title: 'A change that is due has waited for more than 15 minutes'
    severity: 1
    query: loadTextContent('../alerts/oldest-message.kql')
    frequency: 'PT15M'
    window: 'PT15M'
    measure: 'seconds'
    threshold: 900
    dimensions: []
  }
  {
    name: 'poison'
    scope: 'app'
    title: 'The function apply crashed at a change again and again'
    severity: 1
    query: loadTextContent('../alerts/poison.kql')
    frequency: 'PT15M'
    window: 'PT15M'
    measure: 'messages'
    threshold: 0
    dimensions: []
  }
  {
    name: 'key-rejected'
    scope: 'app'
    title: 'DirectScale does not accept the relay: key, permission or address'
    severity: 1
    query: loadTextContent('../alerts/key-rejected.kql')
    frequency: 'PT5M'
    window: 'PT10M'
    measure: 'changes'
    threshold: 0
    dimensions: ['reason']
  }
  {
    name: 'vault-unreachable'
    scope: 'app'
    title: 'A secret cannot be read from the vault'
    severity: 1
    query: loadTextContent('../alerts/vault-unreachable.kql')
    frequency: 'PT15M'
    window: 'PT15M'
    measure: 'reports'
    threshold: 0
    dimensions: ['secret', 'failure']
  }
  {
    name: 'error-rate'
    scope: 'app'
    title: 'More than 5 % of the requests are answered with 5xx'
    severity: 1
    query: loadTextContent('../alerts/error-rate.kql')
    frequency: 'PT5M'
    window: 'PT15M'
    measure: 'percent'
    threshold: 5
    dimensions: ['function']
  }
  {
    name: 'silent-source'
    scope: 'app'
    title: 'A source does not tell what changes, or not all of it'
    severity: 2
    query: replace(loadTextContent('../alerts/silent-source.kql'), '@sources', string(sources))
    frequency: 'PT1H'
    window: silentAfter
    measure: 'findings'
    threshold: 0
    dimensions: ['source', 'reason']
  }
  {
    name: 'left-out'
    scope: 'app'
    title: 'More than 5 % of the changes of a source arrive without a field that cannot be used'
    severity: 2
    query: loadTextContent('../alerts/left-out.kql')
    frequency: 'PT1H'
    window: 'P1D'
    measure: 'percent'
    threshold: 5
    dimensions: ['source', 'path', 'reason']
  }
  {
    name: 'refusals'
    scope: 'app'
    title: 'The webhooks of a source are refused'
    severity: 1
    query: loadTextContent('../alerts/refusals.kql')
    frequency: 'PT15M'
    window: 'PT1H'
    measure: 'requests'
    threshold: 0
    dimensions: ['source', 'reason']
  }
  {
    name: 'no-heartbeat'
    scope: 'app'
    title: 'The relay does not run: its report of every five minutes is missing'
    severity: 1
    query: loadTextContent('../alerts/no-heartbeat.kql')
    frequency: 'PT15M'
    window: 'PT30M'
    measure: 'missing'
    threshold: 0
    dimensions: []
  }
  {
    name: 'secret-access'
    scope: 'workspace'
    title: 'Somebody other than the relay read or changed a secret, or tried to'
    severity: 2
    query: replace(loadTextContent('../alerts/secret-access.kql'), '@app', appPrincipalId)
    frequency: 'PT15M'
    window: 'PT15M'
    measure: 'operations'
    threshold: 0
    dimensions: ['operation', 'who']
  }
  {
    name: 'log-cap'
    scope: 'workspace'
    title: 'The logs are full for today: no other alert can be raised until tomorrow'
    severity: 1
    query: loadTextContent('../alerts/log-cap.kql')
    frequency: 'PT15M'
    window: 'PT15M'
    measure: 'reports'
    threshold: 0
    dimensions: []
  }
]

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: actionGroupName
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'relay'
    enabled: true
    emailReceivers: empty(email)
      ? []
      : [{ name: 'operators', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource alertRules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: '${rulePrefix}${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Customer Relay: ${rule.title}'
      description: 'What to do: docs/on-call.md.'
      severity: rule.severity
      enabled: true
      scopes: [rule.scope == 'workspace' ? workspaceId : applicationInsightsId]
      evaluationFrequency: rule.frequency
      windowSize: rule.window
      autoMitigate: true
      // Tables come into being with the first telemetry.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Maximum'
            metricMeasureColumn: rule.measure
            operator: 'GreaterThan'
            threshold: rule.threshold
            dimensions: map(rule.dimensions, dimension => { name: dimension, operator: 'Include', values: ['*'] })
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [actionGroup.id] }
    }
  }
]
