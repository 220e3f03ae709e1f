import { useEffect, useErrorBoundary, useState } from 'preact/hooks';
import { Help } from './frame/help.tsx';
import { KeyEntry } from './frame/key-entry.tsx';
import { Menu } from './frame/menu.tsx';
import { ActsPage } from './pages/acts.tsx';
import { CustomerPage } from './pages/customer.tsx';
import { DeliveriesPage } from './pages/deliveries.tsx';
import { DeliveryPage } from './pages/delivery.tsx';
import { IssuesPage } from './pages/issues.tsx';
import { LinksPage } from './pages/links.tsx';
import { MappingPage } from './pages/mapping.tsx';
import { NowPage } from './pages/now.tsx';
import { SourcesPage } from './pages/sources.tsx';
import { Empty, Page } from './parts/page.tsx';
import { refusals } from './relay/client.ts';
import { readSession } from './relay/session.ts';
import { type Address, useAddress } from './view/address.ts';
import { useKeys } from './view/keys.ts';

/** Everything: the key first, if the relay asks for one; then the menu and the page that the address names. */
export function Console() {
  const address = useAddress();
  const [isRefused, setRefused] = useState(false);
  const [isHelp, setHelp] = useState(false);
  useKeys();
  useEffect(() => {
    const refused = () => setRefused(true);
    refusals.addEventListener('unauthorized', refused);
    return () => refusals.removeEventListener('unauthorized', refused);
  }, []);
  if (isRefused) return <KeyEntry wasRefused={readSession().key !== ''} enter={() => setRefused(false)} />;
  return (
    <>
      <button type="button" class="skip" onClick={toThePage}>
        To the page
      </button>
      <Menu at={address.path[0] ?? 'now'} help={() => setHelp(true)} leave={() => setRefused(true)} />
      <main id="page" tabIndex={-1}>
        <Shown key={address.path.join('/')} address={address} />
      </main>
      {isHelp && <Help close={() => setHelp(false)} />}
    </>
  );
}

/** Past the menu. Not a link: what stands behind the `#` is the console's own. */
function toThePage(): void {
  document.getElementById('page')?.focus();
}

/** A page that cannot show what came says so; the rest of the console stays. */
function Shown({ address }: { readonly address: Address }) {
  const [error] = useErrorBoundary();
  if (!error) return <Routed address={address} />;
  return (
    <Page title="This view failed">
      <Empty title="The console cannot show what the relay answered.">
        It may have been deployed anew since you opened this tab: reload the page. If it stays, report it with
        the address of this view.
      </Empty>
    </Page>
  );
}

function Routed({ address: { path, query } }: { readonly address: Address }) {
  const [page = 'now', id] = path;
  switch (page) {
    case 'now':
      return <NowPage />;
    case 'issues':
      return <IssuesPage query={query} />;
    case 'deliveries':
      return id ? <DeliveryPage id={id} /> : <DeliveriesPage query={query} />;
    case 'customers':
      return <CustomerPage id={id} />;
    case 'sources':
      return <SourcesPage />;
    case 'links':
      return <LinksPage query={query} />;
    case 'mapping':
      return <MappingPage query={query} />;
    case 'acts':
      return <ActsPage query={query} />;
    default:
      return (
        <Page title="No such page">
          <Empty title="The console has no page of this address.">Choose one from the menu.</Empty>
        </Page>
      );
  }
}
