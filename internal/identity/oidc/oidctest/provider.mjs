// A stand-in of ProConnect and of FranceConnect for tests: the OpenID Provider library that both are built on, with their
// strictness: codes of 30 seconds, signed user info, and a 400 for any parameter that is not expected.
// Its arguments: JSON {issuer, port, client, secret, redirect, logout, kind, mfa, subject, email}, and the folder of its
// library. It says "ready" once it listens.
import { createRequire } from 'node:module';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import http from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const set = JSON.parse(process.argv[2]);
const require = createRequire(path.join(process.argv[3], 'package.json'));
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')).href);

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: randomUUID() };
const pro = set.kind === 'proconnect';
const person = pro
  ? { given_name: 'Prénom', usual_name: 'Nom', email: set.email || 'prenom.nom@viaduc.example', siret: '22170001600738', idp_id: 'idp-1' }
  : { given_name: 'Prénom', family_name: 'Nom' };
const names = Object.keys(person);

const provider = new Provider(set.issuer, {
  clients: [{
    client_id: set.client, client_secret: set.secret, redirect_uris: [set.redirect], post_logout_redirect_uris: [set.logout],
    token_endpoint_auth_method: 'client_secret_post', id_token_signed_response_alg: 'ES256', userinfo_signed_response_alg: 'ES256',
    grant_types: ['authorization_code'], response_types: ['code'],
  }],
  clientAuthMethods: ['client_secret_post'],
  enabledJWA: { idTokenSigningAlgValues: ['ES256'], userinfoSigningAlgValues: ['ES256'] },
  jwks: { keys: [jwk] },
  scopes: ['openid', ...names],
  claims: { openid: ['sub'], acr: null, amr: null, ...Object.fromEntries(names.map((n) => [n, [n]])) },
  acrValues: ['eidas1', 'eidas1-mfa', 'eidas2', 'eidas3'],
  features: {
    devInteractions: { enabled: false },
    claimsParameter: { enabled: pro },
    userinfo: { enabled: true },
    jwtUserinfo: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
  pkce: { required: () => pro },
  ttl: { AuthorizationCode: 30, AccessToken: 60, IdToken: 60, Interaction: 600, Session: 43200, Grant: 600 },
  cookies: { keys: ['only for tests'] },
  findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id, ...person }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
});

const known = new Set(['client_id', 'response_type', 'redirect_uri', 'scope', 'state', 'nonce', 'acr_values', 'prompt',
  ...(pro ? ['code_challenge', 'code_challenge_method', 'claims'] : [])]);

const handle = provider.callback();
http.createServer(async (req, res) => {
  const url = new URL(req.url, set.issuer);
  if (url.pathname === '/auth') {
    const odd = [...url.searchParams.keys()].filter((k) => !known.has(k));
    if (odd.length || (url.searchParams.get('state') ?? '').length < 32 || (url.searchParams.get('nonce') ?? '').length < 32) {
      res.writeHead(400).end(`unexpected: ${odd}`);
      return;
    }
  }
  if (url.pathname.startsWith('/interaction/')) { // somebody who is logged in already, and says yes to everything
    const { prompt, params, session, grantId } = await provider.interactionDetails(req, res);
    if (prompt.name === 'login') {
      const amr = set.mfa ? ['pwd', 'totp', 'mfa'] : ['pwd'];
      await provider.interactionFinished(req, res, { login: { accountId: set.subject || 'person-1', acr: 'eidas1', amr } });
      return;
    }
    const grant = grantId ? await provider.Grant.find(grantId) : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    grant.addOIDCClaims(['acr', 'amr', ...names]);
    await provider.interactionFinished(req, res, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
    return;
  }
  handle(req, res);
}).listen(set.port, '127.0.0.1', () => console.log('ready'));
