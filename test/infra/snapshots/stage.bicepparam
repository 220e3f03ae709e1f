// A second relay that writes to DirectScale's stage, as small as it gets.
using '../../../infra/main.bicep'

param environmentName = 'stage'
param location = 'uksouth'
param principalId = ''
param nodeVersion = '22'
param instanceMemory = 512
param maximumInstanceCount = 1
param monthlyBudget = 0
param budgetStart = '2026-11-01'
param logDailyCapGb = -1
param settings = {
  DIRECTSCALE_ENVIRONMENT: 'stage'
  DIRECTSCALE_KEY_SECRET: 'directscale-stage-key'
  RELAY_CONFIG: 'stage/relay.json'
  RETENTION_DAYS: '7'
}
