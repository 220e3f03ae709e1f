/** Events about customers and their addresses, and what deletes them; event names have a prefix before these. */
export const customerEvent =
  /\.customer_(address_)?save_(after|commit_after)$|\.customer\.api\.(customer|address)_repository\.save$/;
export const deletion = /\.customer_(address_)?delete_|\.(customer|address)_repository\.delete/;
