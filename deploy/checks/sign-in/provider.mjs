// An OpenID provider (npm's oidc-provider, certified) with one client, the shop, and anybody as a user: what is typed as
// the login is who they are.
//
//   node provider.mjs PORT REDIRECT_URI CLIENT_ID CLIENT_SECRET
import Provider from 'oidc-provider';

const [port, redirectUri, clientId, clientSecret] = process.argv.slice(2);
const provider = new Provider(`http://localhost:${port}`, {
  clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['given_name', 'family_name'] },
  pkce: { required: () => true },
  cookies: { keys: ['for a check'] },
  features: { devInteractions: { enabled: true } },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: `${id}@example.com`,
      email_verified: !id.startsWith('unconfirmed'),
      given_name: 'Grace',
      family_name: 'Hopper',
    }),
  }),
});
provider.listen(Number(port), '127.0.0.1', () => console.log(`ready on ${port}`));
