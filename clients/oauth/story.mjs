// Real clients of the authorization server, driven through a real browser: oauth4webapi (the certified client of the
// npm world) through every flow, and passport-discord as dashboards written for Discord use it.
//
//   GUILDHALL_URL=http://127.0.0.1:8080 CHROMIUM=/usr/bin/chromium node story.mjs

import { createServer } from "node:http";
import process from "node:process";
import * as oauth from "oauth4webapi";
import DiscordStrategy from "passport-discord";
import { chromium } from "playwright-core";
import { check, step, summary } from "./steps.mjs";

const base = (process.env.GUILDHALL_URL ?? "http://127.0.0.1:8080").replace(/\/$/, "");
const insecure = { [oauth.allowInsecureRequests]: true };
const password = "correct horse battery";

// The address that people are sent back to: a page that says nothing.
const back = createServer((_, answer) => answer.end("back")).listen(0, "127.0.0.1");
await new Promise((ready) => back.once("listening", ready));
const redirect = `http://127.0.0.1:${back.address().port}/callback`;

const launched = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage"] });
const context = await launched.newContext({ baseURL: base });
const page = await context.newPage();
const developer = page;

/** Opens an authorization address, does what the pages ask for, and gives the address that the browser ends at. */
async function browse(url, answer = "Allow", page = developer) {
  await page.goto(String(url));
  for (let turn = 0; turn < 4 && !page.url().startsWith(redirect); turn++) {
    if (new URL(page.url()).pathname === "/login") {
      await page.locator("#username").fill("developer");
      await page.locator("#password").fill(password);
      await page.locator("#password").press("Enter");
      await page.waitForURL((url) => url.pathname !== "/login");
      // Where nothing has to be allowed, the page after it goes on by itself.
      const returned = (url) => String(url).startsWith(redirect);
      const allow = page.getByRole("button", { name: answer, exact: true });
      await Promise.any([page.waitForURL(returned), allow.waitFor()]);
    } else {
      await page.getByRole("button", { name: answer, exact: true }).click();
      await page.waitForURL((url) => !url.pathname.startsWith("/oauth2/authorize"));
    }
  }
  check(page.url().startsWith(redirect), `to come back, not ${page.url()}`);
  return new URL(page.url());
}

/** Makes an application at the portal, through its forms. */
async function register(name, settings) {
  await page.goto("/developers");
  await page.locator("#name").fill(name);
  await page.getByRole("button", { name: "Create", exact: true }).click();
  const id = (await page.locator("p code").first().textContent()).trim();
  const bot = (await page.locator(".notice .secret").textContent()).trim();
  await page.goto(`/developers/${id}`);
  await page.locator("#redirect_uris").fill(redirect);
  for (const setting of settings) await page.locator(`input[name="${setting}"]`).check();
  await page.locator('form[action$="/client"] button[type="submit"]').click();
  if (settings.includes("public_client")) return { client_id: id, bot };
  await page.getByRole("button", { name: "New secret" }).click();
  return { client_id: id, bot, secret: (await page.locator(".notice .secret").textContent()).trim() };
}

const issuer = new URL(base);
let server;

await step("somebody registers, and the server says what it can", async () => {
  await page.goto("/register");
  await page.locator("#username").fill("developer");
  await page.locator("#password").fill(password);
  await page.locator("#password").press("Enter");
  await page.waitForURL((url) => url.pathname !== "/register");
  for (const algorithm of ["oidc", "oauth2"]) {
    const response = await oauth.discoveryRequest(issuer, { algorithm, ...insecure });
    server = await oauth.processDiscoveryResponse(issuer, response);
  }
});

const confidential = await step("an application is registered at the portal", () => register("Certified", []));
const open = await step("so is one that cannot keep a secret", () => register("Desktop", ["public_client"]));

/** The whole authorization code flow with PKCE, state and nonce. */
async function codeFlow(client, auth, { scope = "openid profile offline_access", more = {}, dpop } = {}) {
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const url = new URL(server.authorization_endpoint);
  const parameters = {
    client_id: client.client_id, redirect_uri: redirect, response_type: "code", scope, state, nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256", ...more,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const came = oauth.validateAuthResponse(server, client, await browse(url), state);
  const ask = async () => oauth.authorizationCodeGrantRequest(server, client, auth, came, redirect, verifier, { DPoP: dpop, ...insecure });
  const read = (response) => oauth.processAuthorizationCodeResponse(server, client, response, { expectedNonce: scope.includes("openid") ? nonce : undefined, requireIdToken: scope.includes("openid") });
  try {
    return await read(await ask());
  } catch (error) {
    if (!dpop || !oauth.isDPoPNonceError(error)) throw error;
    return read(await ask());
  }
}

if (server && confidential && open) {
  const client = { client_id: confidential.client_id };
  const basic = oauth.ClientSecretBasic(confidential.secret);
  let tokens;
  await step("code with PKCE, state, nonce, iss; the ID token's signature against the published keys", async () => {
    tokens = await codeFlow(client, basic);
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    check(claims.aud === client.client_id && claims.auth_time, "claims");
  });
  await step("userinfo", async () => {
    const { sub } = oauth.getValidatedIdTokenClaims(tokens);
    const response = await oauth.userInfoRequest(server, client, tokens.access_token, insecure);
    const user = await oauth.processUserInfoResponse(server, client, sub, response);
    check(user.preferred_username === "developer", "the name");
  });
  await step("refresh", async () => {
    const response = await oauth.refreshTokenGrantRequest(server, client, basic, tokens.refresh_token, insecure);
    const next = await oauth.processRefreshTokenResponse(server, client, response);
    check(next.refresh_token !== tokens.refresh_token, "a new refresh token");
    tokens = next;
  });
  await step("introspection and revocation", async () => {
    const look = async () => oauth.processIntrospectionResponse(server, client, await oauth.introspectionRequest(server, client, basic, tokens.access_token, insecure));
    check((await look()).active, "an active token");
    await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, basic, tokens.refresh_token, insecure));
    check(!(await look()).active, "no active token");
  });
  await step("client_secret_post", async () => {
    tokens = await codeFlow(client, oauth.ClientSecretPost(confidential.secret));
  });
  await step("prompt=none is silent, prompt=login asks again, max_age is kept", async () => {
    await codeFlow(client, basic, { more: { prompt: "none" } });
    const before = oauth.getValidatedIdTokenClaims(tokens).auth_time;
    const again = await codeFlow(client, basic, { more: { prompt: "login" } });
    check(oauth.getValidatedIdTokenClaims(again).auth_time > before, "a later sign-in");
    await codeFlow(client, basic, { more: { max_age: "3600" } });
  });
  await step("a public client with PKCE alone", async () => {
    await codeFlow({ client_id: open.client_id }, oauth.None());
  });
  await step("saying no", async () => {
    const url = new URL(server.authorization_endpoint);
    const parameters = { client_id: client.client_id, redirect_uri: redirect, response_type: "code", scope: "guilds", state: "s" };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    const came = await browse(url, "Not now");
    let refusal;
    try {
      oauth.validateAuthResponse(server, client, came, "s");
    } catch (error) {
      refusal = error;
    }
    check(refusal instanceof oauth.AuthorizationResponseError && refusal.error === "access_denied", "access_denied");
  });
  await step("client credentials", async () => {
    const response = await oauth.clientCredentialsGrantRequest(server, client, basic, {}, insecure);
    const own = await oauth.processClientCredentialsResponse(server, client, response);
    check(own.scope.includes("applications.commands.update"), "its own scope");
  });
  await step("pushed requests", async () => {
    const verifier = oauth.generateRandomCodeVerifier();
    const parameters = new URLSearchParams({
      client_id: client.client_id, redirect_uri: redirect, response_type: "code", scope: "identify", state: "p",
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256",
    });
    const response = await oauth.pushedAuthorizationRequest(server, client, basic, parameters, insecure);
    const pushed = await oauth.processPushedAuthorizationResponse(server, client, response);
    const url = new URL(server.authorization_endpoint);
    url.searchParams.set("client_id", client.client_id);
    url.searchParams.set("request_uri", pushed.request_uri);
    const came = oauth.validateAuthResponse(server, client, await browse(url), "p");
    const answer = await oauth.authorizationCodeGrantRequest(server, client, basic, came, redirect, verifier, insecure);
    await oauth.processAuthorizationCodeResponse(server, client, answer);
  });
  await step("DPoP with a nonce from the server", async () => {
    const keys = await oauth.generateKeyPair("ES256");
    const dpop = oauth.DPoP(client, keys);
    const bound = await codeFlow(client, basic, { scope: "openid identify", dpop });
    check(bound.token_type === "dpop", "a bound token");
    const ask = () => oauth.protectedResourceRequest(bound.access_token, "GET", new URL(`${base}/api/v10/users/@me`), undefined, null, { DPoP: dpop, ...insecure });
    let response;
    try {
      response = await ask();
    } catch (error) {
      if (!oauth.isDPoPNonceError(error)) throw error;
      response = await ask();
    }
    check((await response.json()).username === "developer", "the user");
    const stolen = await fetch(`${base}/api/v10/users/@me`, { headers: { authorization: `Bearer ${bound.access_token}` } });
    check(stolen.status === 401, "nothing without the key");
  });
  await step("a device", async () => {
    const device = { client_id: open.client_id };
    const response = await oauth.deviceAuthorizationRequest(server, device, oauth.None(), { scope: "identify" }, insecure);
    const asked = await oauth.processDeviceAuthorizationResponse(server, device, response);
    await page.goto(asked.verification_uri);
    await page.locator("#user_code").fill(asked.user_code);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: "Allow", exact: true }).click();
    await page.getByText("The device is connected").waitFor();
    const answer = await oauth.deviceCodeGrantRequest(server, device, oauth.None(), asked.device_code, insecure);
    await oauth.processDeviceCodeResponse(server, device, answer);
  });
  await step("passport-discord logs in, as a dashboard does", async () => {
    const strategy = new DiscordStrategy({
      clientID: client.client_id, clientSecret: confidential.secret, callbackURL: redirect, scope: ["identify", "guilds"],
      authorizationURL: `${base}/api/oauth2/authorize`, tokenURL: `${base}/api/oauth2/token`, scopeSeparator: " ",
    }, (accessToken, refreshToken, profile, done) => done(null, { accessToken, refreshToken, profile }));
    // The strategy knows Discord's address of the user by heart; only the host is another here.
    const get = strategy._oauth2.get.bind(strategy._oauth2);
    strategy._oauth2.get = (url, token, done) => get(url.replace(/^https:\/\/discord(app)?\.com/, base), token, done);
    const run = (query) => new Promise((resolve, reject) => {
      const attempt = Object.create(strategy);
      attempt.redirect = (url) => resolve({ url });
      attempt.success = (user) => resolve({ user });
      attempt.fail = (why) => reject(new Error(`refused: ${JSON.stringify(why)}`));
      attempt.error = reject;
      attempt.authenticate({ query, session: {} }, {});
    });
    const { url } = await run({});
    const came = await browse(url);
    const { user } = await run({ code: came.searchParams.get("code") });
    check(user.profile.username === "developer" && Array.isArray(user.profile.guilds), "profile and guilds");
  });
  await step("a dashboard brings somebody into its guild (guilds.join)", async () => {
    await page.goto("/developers");
    const guild = await page.evaluate(async () => (await fetch("/api/v10/guilds", { method: "POST", body: JSON.stringify({ name: "Workshop" }) })).json());
    await page.goto(`/oauth2/authorize?client_id=${client.client_id}&scope=bot&permissions=1&guild_id=${guild.id}`);
    await page.getByRole("button", { name: "Add it" }).click();
    await page.getByText("Certified was added").waitFor();
    const guest = await (await launched.newContext({ baseURL: base })).newPage();
    await guest.goto("/register");
    await guest.locator("#username").fill("guest");
    await guest.locator("#password").fill(password);
    await guest.locator("#password").press("Enter");
    await guest.waitForURL((url) => url.pathname !== "/register");
    const query = new URLSearchParams({ client_id: client.client_id, redirect_uri: redirect, response_type: "code", scope: "identify guilds.join" });
    const came = await browse(`${base}/oauth2/authorize?${query}`, "Allow", guest);
    const body = new URLSearchParams({ client_id: client.client_id, client_secret: confidential.secret, grant_type: "authorization_code", code: came.searchParams.get("code"), redirect_uri: redirect });
    const granted = await (await fetch(`${base}/api/v10/oauth2/token`, { method: "POST", body })).json();
    const who = await (await fetch(`${base}/api/v10/users/@me`, { headers: { authorization: `Bearer ${granted.access_token}` } })).json();
    const put = (access_token) => fetch(`${base}/api/v10/guilds/${guild.id}/members/${who.id}`, { method: "PUT", headers: { authorization: `Bot ${confidential.bot}` }, body: JSON.stringify({ access_token }) });
    check((await put("guess")).status === 403 || (await put("guess")).status === 400, "no guess to be taken");
    const joined = await put(granted.access_token);
    check(joined.status === 201 && (await joined.json()).user.id === who.id, `a new member, not ${joined.status}`);
    check((await put(granted.access_token)).status === 204, "nothing new the second time");
    const guilds = await fetch(`${base}/api/v10/users/@me/guilds`, { headers: { authorization: `Bearer ${granted.access_token}` } });
    check(guilds.status === 403, "guilds closed without their scope");
  });
  await step("what was granted is taken back on its page", async () => {
    const held = await codeFlow(client, basic, { scope: "identify" });
    await page.goto("/settings/applications");
    await page.locator("section", { hasText: "Certified" }).getByRole("button").click();
    const after = await fetch(`${base}/api/v10/users/@me`, { headers: { authorization: `Bearer ${held.access_token}` } });
    check(after.status === 401, "an ended token");
  });
}

if (process.env.SHOTS && open) {
  const query = new URLSearchParams({ client_id: open.client_id, redirect_uri: redirect, response_type: "code", scope: "openid email guilds", code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method: "S256", prompt: "consent" });
  const places = { consent: `/oauth2/authorize?${query}`, portal: `/developers/${confidential.client_id}`, list: "/developers", device: "/oauth2/device", grants: "/settings/applications" };
  for (const scheme of ["light", "dark"]) {
    for (const width of [360, 768, 1440]) {
      const view = await context.newPage();
      await view.emulateMedia({ colorScheme: scheme });
      await view.setViewportSize({ width, height: 900 });
      for (const [name, path] of Object.entries(places)) {
        await view.goto(path);
        const wide = await view.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
        if (wide) console.log(`# ${name} is wider than ${width}`);
        await view.screenshot({ path: `${process.env.SHOTS}/${name}-${width}-${scheme}.png`, fullPage: true });
      }
      await view.close();
    }
  }
}
await launched.close();
back.close();
process.exit(summary());
