@description('In the currency of the subscription, a month.')
param amount int

@description('First day of a month, yyyy-MM-dd.')
param start string

@description('Who is told besides the owners of the subscription. Empty: nobody.')
param email string

var contacts = {
  contactRoles: ['Owner']
  contactEmails: empty(email) ? [] : [email]
}

resource budget 'Microsoft.Consumption/budgets@2023-11-01' = {
  name: 'customer-relay'
  properties: {
    category: 'Cost'
    amount: amount
    timeGrain: 'Monthly'
    timePeriod: { startDate: start }
    notifications: {
      used: union(contacts, { enabled: true, operator: 'GreaterThan', threshold: 80, thresholdType: 'Actual' })
      foreseen: union(contacts, { enabled: true, operator: 'GreaterThan', threshold: 100, thresholdType: 'Forecasted' })
    }
  }
}
