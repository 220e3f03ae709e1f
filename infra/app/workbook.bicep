param location string
param tags object
param applicationInsightsId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(applicationInsightsId, 'customer-relay')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    category: 'workbook'
    displayName: 'Customer Relay'
    sourceId: applicationInsightsId
    serializedData: string(loadJsonContent('../workbook.json'))
    version: '1.0'
  }
}
