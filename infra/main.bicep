targetScope = 'subscription'

@minLength(1)
@maxLength(64)
@description('Name of the environment (azd): part of the resource group\'s name, and of the token in all other names.')
param environmentName string

@description('Region of all resources: one with Flex Consumption, by az functionapp list-flexconsumption-locations. Add what that names besides these.')
@metadata({ azd: { type: 'location' } })
@allowed([
  'australiaeast'
  'australiasoutheast'
  'brazilsouth'
  'canadacentral'
  'centralindia'
  'centralus'
  'eastasia'
  'eastus'
  'eastus2'
  'francecentral'
  'germanywestcentral'
  'italynorth'
  'japaneast'
  'koreacentral'
  'northcentralus'
  'northeurope'
  'norwayeast'
  'southafricanorth'
  'southcentralus'
  'southeastasia'
  'southindia'
  'spaincentral'
  'swedencentral'
  'uaenorth'
  'uksouth'
  'ukwest'
  'westcentralus'
  'westeurope'
  'westus'
  'westus2'
  'westus3'
])
param location string

@description('Node.js of the function app. 22 where the region does not offer 24: az functionapp list-flexconsumption-runtimes.')
@allowed(['22', '24'])
param nodeVersion string = '24'

@description('App settings of the relay by name, see main.parameters.json. An empty or missing one keeps the default of the app.')
param settings object = {}

@description('Most instances of each function. With host.json this limits the calls to DirectScale that are under way at once: see README.md.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 4

@description('Instances that wait for webhooks all the time, to spare senders the cold start. Each costs money around the clock.')
@minValue(0)
@maxValue(10)
param alwaysReadyInstances int = 0

@description('Memory of an instance, in MB.')
@allowed([512, 2048, 4096])
param instanceMemory int = 512

@description('Standard_ZRS where the region has zones and the loss of one must not stop the relay.')
@allowed(['Standard_LRS', 'Standard_ZRS'])
param storageRedundancy string = 'Standard_LRS'

@description('True: storage and vault are reachable from a virtual network only, which the app is joined to.')
param privateNetworking bool = false

@description('Who gets the alerts. Empty: alerts are shown in the portal only.')
param alertEmail string = ''

@description('Sources that must not fall silent, separated by commas. Empty: all of relay.json.')
param watchedSources string = ''

@description('A watched source without a delivery for so long raises an alert. Azure Monitor looks back two days at most.')
@allowed(['PT1H', 'PT6H', 'P1D', 'P2D'])
param silentAfter string = 'P1D'

@description('How long logs are kept, in days. They hold customer ids: no longer than RETENTION_DAYS.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Most that the logs may take in, in GB a day; then they stop until the next day, and so do the alerts. -1: no limit.')
@minValue(-1)
param logDailyCapGb int = 2

@description('What the storage account logs: package: who reads and writes the package and the keys of the app (blobs); everything: each call to queue and tables, too, about 1 kB each.')
@allowed(['package', 'everything'])
param storageLog string = 'package'

@description('Cost a month, in the currency of the subscription, of which the owners are told when 80 % are used and when all of it will be. 0: no budget.')
@minValue(0)
param monthlyBudget int = 150

@description('First day of the month from which the budget counts.')
param budgetStart string = utcNow('yyyy-MM-01')

@description('Object id of who puts the secrets into the vault: who deploys. Empty: nobody gets that role here.')
param principalId string = deployer().objectId

@description('What kind of principal that is.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param principalType string = 'User'

var abbreviations = loadJsonContent('abbreviations.json')
var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName, application: 'customer-relay' }
var configuredSources = objectKeys(loadJsonContent('../relay.json').sources)
var sources = empty(watchedSources) ? configuredSources : split(replace(watchedSources, ' ', ''), ',')

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: '${abbreviations.resourceGroup}${environmentName}'
  location: location
  tags: tags
}

module identity 'app/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    name: '${abbreviations.managedIdentity}relay-${token}'
    location: location
    tags: tags
  }
}

module monitoring 'app/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    workspaceName: '${abbreviations.logAnalytics}${token}'
    applicationInsightsName: '${abbreviations.applicationInsights}${token}'
    location: location
    tags: tags
    retentionDays: logRetentionDays
    dailyCapGb: logDailyCapGb
  }
}

module storage 'app/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: '${abbreviations.storageAccount}${token}'
    location: location
    tags: tags
    redundancy: storageRedundancy
    isPrivate: privateNetworking
    workspaceId: monitoring.outputs.workspaceId
    log: storageLog
  }
}

module vault 'app/vault.bicep' = {
  name: 'vault'
  scope: group
  params: {
    name: '${abbreviations.keyVault}${token}'
    location: location
    tags: tags
    isPrivate: privateNetworking
    workspaceId: monitoring.outputs.workspaceId
  }
}

module roles 'app/roles.bicep' = {
  name: 'roles'
  scope: group
  params: {
    appPrincipalId: identity.outputs.principalId
    storageAccountName: storage.outputs.name
    vaultName: vault.outputs.name
    applicationInsightsName: monitoring.outputs.applicationInsightsName
    vaultOfficerId: principalId
    vaultOfficerType: principalType
  }
}

module network 'app/network.bicep' = if (privateNetworking) {
  name: 'network'
  scope: group
  params: {
    name: '${abbreviations.virtualNetwork}${token}'
    endpointPrefix: abbreviations.privateEndpoint
    location: location
    tags: tags
    storageAccountName: storage.outputs.name
    vaultName: vault.outputs.name
  }
}

module functionApp 'app/function-app.bicep' = {
  name: 'function-app'
  scope: group
  params: {
    name: '${abbreviations.functionApp}relay-${token}'
    planName: '${abbreviations.plan}${token}'
    location: location
    tags: tags
    serviceName: 'api'
    nodeVersion: nodeVersion
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageAccountName: storage.outputs.name
    deploymentContainerName: storage.outputs.deploymentContainerName
    vaultUri: vault.outputs.uri
    applicationInsightsName: monitoring.outputs.applicationInsightsName
    subnetId: network.?outputs.appSubnetId ?? ''
    settings: settings
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyInstances: alwaysReadyInstances
    instanceMemory: instanceMemory
  }
  // Without its roles the app cannot read its package and its secrets when it first starts.
  dependsOn: [roles]
}

module alerts 'app/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    rulePrefix: '${abbreviations.alertRule}relay-'
    actionGroupName: '${abbreviations.actionGroup}relay-${token}'
    location: location
    tags: tags
    applicationInsightsId: monitoring.outputs.applicationInsightsId
    workspaceId: monitoring.outputs.workspaceId
    appPrincipalId: identity.outputs.principalId
    email: alertEmail
    sources: sources
    silentAfter: silentAfter
  }
}

module budget 'app/budget.bicep' = if (monthlyBudget > 0) {
  name: 'budget'
  scope: group
  params: {
    amount: monthlyBudget
    start: budgetStart
    email: alertEmail
  }
}

module workbook 'app/workbook.bicep' = {
  name: 'workbook'
  scope: group
  params: {
    location: location
    tags: tags
    applicationInsightsId: monitoring.outputs.applicationInsightsId
  }
}

output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_STORAGE_ACCOUNT_NAME string = storage.outputs.name
output AZURE_KEY_VAULT_NAME string = vault.outputs.name
output AZURE_KEY_VAULT_ENDPOINT string = vault.outputs.uri
output SERVICE_API_NAME string = functionApp.outputs.name
output SERVICE_API_URI string = functionApp.outputs.uri
output SERVICE_API_OUTBOUND_IP_ADDRESS string = network.?outputs.outboundIpAddress ?? ''
