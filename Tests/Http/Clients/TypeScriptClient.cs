using Streaming.Tests.Storage;

namespace Streaming.Tests.Http.Clients;

/// <summary>A TypeScript client over the types that openapi-typescript generates, compiled strictly and run by node.</summary>
internal sealed class TypeScriptClient : IDisposable
{
    private const string Packages = "openapi-typescript@7.13.0 openapi-fetch@0.17.0 typescript@5.9.3";

    private const string Calls = """
        import createClient from "openapi-fetch";
        import type { paths } from "./v1.js";

        const client = createClient<paths>({ baseUrl: process.argv[2] });
        const said: string[] = [];
        const email = `${crypto.randomUUID()}@example.com`;
        const registered = await client.POST("/api/users/register", { body: { email, password: "a long sentence", username: "karen" } });
        said.push(registered.data!.message);
        const login = (await client.POST("/api/users/login", { body: { email, password: "a long sentence" } })).data!;
        said.push(login.message);
        const ids: string[] = (await client.GET("/api/v1/content/ids")).data!;
        said.push(String(ids.length));
        const params = { path: { id: ids[0]! } };
        said.push(String((await client.GET("/api/v1/content/{id}", { params })).data!.content_id === ids[0]));
        said.push(String((await client.GET("/api/v1/content/{id}/details", { params })).data!.metadata.title.length > 0));
        const increment = await client.POST("/api/v1/content/{id}/views/increment", { params, headers: { Accept: "application/json" } });
        said.push((increment.data as { message: string }).message);
        const batch = await client.POST("/api/v1/views", { body: [{ content_id: ids[0]!, count: 3, key: crypto.randomUUID() }] });
        said.push(String(batch.data!.views));
        const headers = { Authorization: `Bearer ${login.token}` };
        said.push((await client.POST("/api/v1/content/{id}/reviews", { params, headers, body: { rating: 9, comment: "Good." } })).data!.message);
        const review = (await client.GET("/api/v1/content/{id}/reviews", { params: { ...params, query: { limit: 1 } } })).data![0]!;
        const rating: number = review.rating;
        said.push(String(rating));
        said.push(String(Array.isArray((await client.GET("/api/v1/content/trending/daily")).data)));
        said.push((await client.GET("/api/users/user/{userId}", { params: { path: { userId: review.user_id } }, headers })).data!.user.username);
        said.push((await client.GET("/api/storage/usage", { headers })).data!.usagePercentage);
        const refused = await client.POST("/api/users/register", { body: { email: "nobody", password: "a long sentence" } });
        said.push(`${refused.error!.status} ${refused.error!.field}`);
        const missing = await client.GET("/api/v1/content/{id}", { params: { path: { id: crypto.randomUUID() } } });
        said.push(String(missing.error!.status));
        console.log(JSON.stringify(said));
        """;

    private const string Settings = """
        {
          "compilerOptions": {
            "strict": true, "noUncheckedIndexedAccess": true, "target": "es2022", "module": "nodenext", "moduleResolution": "nodenext",
            "lib": ["es2022", "dom"], "types": [], "skipLibCheck": true
          },
          "files": ["calls.ts", "globals.d.ts"]
        }
        """;

    private readonly TemporaryFolder folder = new();

    public static async Task<TypeScriptClient> BuildAsync(string document)
    {
        var (code, version) = await Tool.TryAsync(Path.GetTempPath(), "npm", "--version");
        Requirement.That(code == 0, $"node is not there (apt-get install nodejs npm): {version}");

        var client = new TypeScriptClient();
        var folder = client.folder.Path;
        foreach (var (name, text) in new[]
        {
            ("package.json", """{"private":true,"type":"module"}"""), ("tsconfig.json", Settings), ("v1.json", document), ("calls.ts", Calls),
            ("globals.d.ts", "declare const process: { argv: string[] };"),
        })
        {
            await File.WriteAllTextAsync(Path.Combine(folder, name), text, TestContext.Current.CancellationToken);
        }

        var (installed, output) = await Tool.TryAsync(
            folder, "npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock", .. Packages.Split(' ')]);
        Requirement.That(installed == 0, $"npm cannot install {Packages}, which needs the network once: {output}");

        await Tool.RunAsync(folder, "node", "node_modules/openapi-typescript/bin/cli.js", "v1.json", "--output", "v1.d.ts");
        await Tool.RunAsync(folder, "node", "node_modules/typescript/bin/tsc", "--project", ".");
        return client;
    }

    /// <summary>What the calls brought, in their order.</summary>
    public async Task<string[]> CallAsync(Uri server)
    {
        var output = await Tool.RunAsync(folder.Path, "node", "calls.js", server.GetLeftPart(UriPartial.Authority));
        return System.Text.Json.JsonSerializer.Deserialize<string[]>(output)!;
    }

    public void Dispose() => folder.Dispose();
}
