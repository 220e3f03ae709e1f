import {
  type BicepFile,
  type Declaration,
  declarationsOf,
  pathOf,
  propertiesOf,
  textOf,
  valueAt,
} from './bicep-file.ts';

/** Names of the app settings that a file sets. */
export function appSettingsOf(file: BicepFile): string[] {
  const config = declarationsOf(file).find(
    (declaration) => declaration.kind === 'resource' && nameOf(declaration) === 'appsettings',
  );
  const properties = config && valueAt(config, 'properties');
  return properties ? [...propertiesOf(properties).keys()] : [];
}

/** The fixed name of a resource; empty if it is computed. */
function nameOf(declaration: Declaration): string {
  const name = valueAt(declaration, 'name');
  return name?.type === 'string' ? textOf(name) : '';
}

/** Which roles each principal (an expression) gets on which resource: `appPrincipalId: keyVaultSecretsUser on vault`. */
export function roleAssignmentsOf(file: BicepFile): string[] {
  const declarations = declarationsOf(file);
  return declarations
    .filter((declaration) => pathOf(declaration).startsWith('Microsoft.Authorization/roleAssignments@'))
    .flatMap((assignment) => {
      const [principal, role, scope] = ['properties.principalId', 'properties.roleDefinitionId', 'scope'].map(
        (path) => valueAt(assignment, path)?.text ?? '',
      );
      const list = /in (\w+):/.exec(assignment.node.text)?.[1];
      const named = declarations.find(({ name }) => name === list)?.node.text ?? role ?? '';
      const roleNames = [...named.matchAll(/roleIds\.(\w+)/g)].map(([, name]) => name);
      return roleNames.map((name) => `${principal}: ${name} on ${scope}`);
    });
}
