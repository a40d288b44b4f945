// npm oidc-provider with its own adapter in memory, set up like the application that `oauth/ours.rs` makes.
// `node oauth-provider.mjs FOLDER ALG`: FOLDER has node_modules, ALG is EdDSA or RS256. Prints one line of JSON.
import { generateKeyPairSync, webcrypto } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const [folder, alg] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(`${folder}/node_modules/oidc-provider/lib/index.js`));
console.info = console.warn = () => {};

const redirect = 'https://app.test/callback';
const key = (pair, alg) => ({ ...pair.privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: alg });
const keys = [
  key(generateKeyPairSync('ed25519'), 'EdDSA'),
  key(generateKeyPairSync('rsa', { modulusLength: 2048 }), 'RS256'),
];
const client = (client_id) => ({
  client_id,
  client_secret: 'a-secret-of-thirty-two-bytes-or-so-in-base64url',
  redirect_uris: [redirect],
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  token_endpoint_auth_method: 'client_secret_basic',
  id_token_signed_response_alg: alg,
});

const server = (await import('node:http')).createServer();
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const url = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(url, {
  clients: [client('jwt'), client('opaque')],
  jwks: { keys },
  cookies: { keys: ['cookies are signed as by default'] },
  enabledJWA: { idTokenSigningAlgValues: ['EdDSA', 'RS256'] },
  features: {
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    resourceIndicators: {
      enabled: true,
      // Access tokens of the client `jwt` are JWTs, signed EdDSA as ours.
      defaultResource: (ctx) => (ctx.oidc.client.clientId === 'jwt' ? 'urn:resource' : undefined),
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'identify', accessTokenFormat: 'jwt', accessTokenTTL: 3600, jwt: { sign: { alg: 'EdDSA' } },
      }),
    },
  },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, name: 'Bench', preferred_username: 'bench' }) }),
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'] },
  scopes: ['openid', 'offline_access', 'profile', 'identify'],
  issueRefreshToken: () => true,
  rotateRefreshToken: () => true,
  ttl: { AccessToken: 3600, ClientCredentials: 3600, IdToken: 3600, RefreshToken: 2592000, AuthorizationCode: 60, Grant: 2592000, Session: 2592000, Interaction: 600 },
});
server.on('request', provider.callback());

// A browser that signs in and consents with the forms of `devInteractions`.
const jar = new Map();
const visit = async (address, form) => {
  const headers = { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') };
  const body = form && new URLSearchParams(form);
  const answer = await fetch(new URL(address, url), { method: form ? 'POST' : 'GET', headers, body, redirect: 'manual' });
  for (const cookie of answer.headers.getSetCookie()) {
    const [name, value] = cookie.split(';')[0].split(/=(.*)/s);
    if (value) jar.set(name, value); else jar.delete(name);
  }
  return answer.headers.get('location') ?? answer.text();
};
for (const id of ['jwt', 'opaque']) {
  const query = new URLSearchParams({
    client_id: id, response_type: 'code', redirect_uri: redirect, scope: 'openid profile offline_access identify', prompt: 'consent',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256',
  });
  let at = `/auth?${query}`;
  for (let steps = 0; !at.startsWith(redirect); steps += 1) {
    if (steps > 12) throw new Error(`the sign-in goes in a circle: ${at.slice(0, 500)}`);
    const page = await visit(at);
    if (!page.includes('<form')) { at = page; continue; }
    const prompt = page.includes('name="login"') ? 'login' : 'consent';
    at = await visit(new URL(at, url).pathname, { prompt, login: 'bench', password: 'x' });
  }
}

// What one signature costs here, in microseconds of CPU.
const signing = {};
for (const [name, algorithm, index] of [['EdDSA', 'Ed25519', 0], ['RS256', { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, 1]]) {
  const { alg: _, use: __, ...jwk } = keys[index];
  const secret = await webcrypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']);
  const before = process.cpuUsage();
  for (let i = 0; i < 500; i += 1) await webcrypto.subtle.sign(algorithm, secret, Buffer.alloc(500));
  const { user, system } = process.cpuUsage(before);
  signing[name] = (user + system) / 500;
}

process.stdout.write(`${JSON.stringify({
  address: url.slice(7), authorize: '/auth', token: '/token', introspect: '/token/introspection', userinfo: '/me',
  clients: ['jwt', 'opaque'], secret: client('').client_secret, signing,
  cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
})}\n`);
process.stdin.on('end', () => process.exit()).resume();
