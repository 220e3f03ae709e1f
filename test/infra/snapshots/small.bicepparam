// What azd up creates without a further setting.
using '../../../infra/main.bicep'

param environmentName = 'small'
param location = 'westeurope'
param principalId = '33333333-3333-3333-3333-333333333333'
param budgetStart = '2026-11-01'
