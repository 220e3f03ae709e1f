// A property whose value is of another type than Azure's.
resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: 'wrong'
  location: resourceGroup().location
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: { allowBlobPublicAccess: 'no' }
}
