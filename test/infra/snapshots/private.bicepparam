// Everything that is optional, and closed to the internet.
using '../../../infra/main.bicep'

param environmentName = 'private'
param location = 'eastus2'
param principalId = '33333333-3333-3333-3333-333333333333'
param principalType = 'ServicePrincipal'
param privateNetworking = true
param storageRedundancy = 'Standard_ZRS'
param storageLog = 'everything'
param alwaysReadyInstances = 2
param maximumInstanceCount = 40
param alertEmail = 'relay@example.com'
param watchedSources = 'shopify, portal'
param silentAfter = 'PT6H'
param logRetentionDays = 90
param logDailyCapGb = 10
param monthlyBudget = 500
param budgetStart = '2026-11-01'
