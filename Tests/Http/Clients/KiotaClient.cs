using System.Reflection;
using System.Runtime.Loader;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Http.Clients;

/// <summary>A C# client that the tool of <c>.config/dotnet-tools.json</c> generates, compiled with calls that somebody writes against it.</summary>
internal sealed class KiotaClient : IDisposable
{
    private const string Calls = """
        using System;
        using System.Collections.Generic;
        using System.Linq;
        using System.Net.Http;
        using System.Threading.Tasks;
        using Microsoft.Kiota.Abstractions.Authentication;
        using Microsoft.Kiota.Http.HttpClientLibrary;
        using Streaming.Generated;
        using Streaming.Generated.Models;

        public static class Calls
        {
            public static async Task<string[]> RunAsync(string server, HttpClient http)
            {
                var client = new StreamingClient(new HttpClientRequestAdapter(new AnonymousAuthenticationProvider(), httpClient: http) { BaseUrl = server });
                var said = new List<string>();
                var email = $"{Guid.NewGuid():N}@example.com";
                said.Add((await client.Api.Users.Register.PostAsync(new RegisterBody { Email = email, Password = "a long sentence", Username = "karen" }))!.Message!);
                var login = (await client.Api.Users.Login.PostAsync(new LoginBody { Email = email, Password = "a long sentence" }))!;
                said.Add(login.Message!);
                var ids = (await client.Api.V1.Content.Ids.GetAsync())!;
                said.Add(ids.Count.ToString());
                var title = client.Api.V1.Content[ids[0]!.Value];
                said.Add((await title.GetAsync())!.ContentId!.Equals(ids[0]).ToString());
                said.Add(((await title.Details.GetAsync())!.Metadata!.Title!.Length > 0).ToString());
                said.Add((await title.Views.Increment.PostAsync())!.Message!);
                said.Add((await client.Api.V1.Views.PostAsync([new ViewBatchEntry { ContentId = ids[0], Count = 3, Key = Guid.NewGuid().ToString() }]))!.Views!.ToString()!);
                http.DefaultRequestHeaders.Add("Authorization", "Bearer " + login.Token);
                said.Add((await title.Reviews.PostAsync(new ReviewBody { Rating = 9, Comment = "Good." }))!.Message!);
                var review = (await title.Reviews.GetAsync(request => request.QueryParameters.Limit = 1))![0];
                said.Add(review.Rating!.ToString()!);
                said.Add(((await client.Api.V1.Content.Trending.Daily.GetAsync()) is not null).ToString());
                said.Add((await client.Api.Users.User[review.UserId!.Value].GetAsync())!.User!.Username!);
                said.Add((await client.Api.Storage.Usage.GetAsync())!.UsagePercentage!);
                try
                {
                    await client.Api.Users.Register.PostAsync(new RegisterBody { Email = "nobody", Password = "a long sentence" });
                }
                catch (ProblemDetails problem)
                {
                    said.Add($"{problem.Status} {problem.Field}");
                }

                try
                {
                    await client.Api.V1.Content[Guid.NewGuid()].GetAsync();
                }
                catch (ProblemDetails problem)
                {
                    said.Add(problem.Status.ToString()!);
                }

                return [.. said];
            }
        }
        """;

    private readonly TemporaryFolder folder = new();

    private string Assembly => Path.Combine(folder.Path, "client.dll");

    public static async Task<KiotaClient> BuildAsync(string document)
    {
        var (code, output) = await Tool.TryAsync(ServerScript.Repository, "dotnet", "tool", "restore");
        Requirement.That(code == 0, $"Kiota cannot be restored; 'dotnet tool restore' in the repository needs the network once: {output}");

        var client = new KiotaClient();
        var folder = client.folder.Path;
        await File.WriteAllTextAsync(Path.Combine(folder, "v1.json"), document, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "Calls.cs"), Calls, TestContext.Current.CancellationToken);
        await Tool.RunAsync(
            ServerScript.Repository, "dotnet", "kiota", "generate", "--language", "CSharp", "--openapi", Path.Combine(folder, "v1.json"),
            "--class-name", "StreamingClient", "--namespace-name", "Streaming.Generated", "--output", Path.Combine(folder, "generated"), "--log-level", "Error");
        await client.CompileAsync();
        return client;
    }

    /// <summary>What the calls brought, in their order.</summary>
    public async Task<string[]> CallAsync(Uri server)
    {
        using var http = new HttpClient();
        var calls = AssemblyLoadContext.Default.LoadFromAssemblyPath(Assembly).GetType("Calls")!.GetMethod("RunAsync", BindingFlags.Public | BindingFlags.Static)!;
        return await (Task<string[]>)calls.Invoke(null, [server.GetLeftPart(UriPartial.Authority), http])!;
    }

    public void Dispose() => folder.Dispose();

    /// <summary>With the SDK's compiler alone: a build of a project would restore packages that the tests have already.</summary>
    private async Task CompileAsync()
    {
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        var compiler = Directory.GetDirectories(Path.Combine(root, "sdk")).Order(StringComparer.Ordinal).Select(sdk => Path.Combine(sdk, "Roslyn", "bincore", "csc.dll")).LastOrDefault(File.Exists);
        Requirement.That(compiler is not null, $"There is no C# compiler under {root}: install the .NET SDK.");
        string[] arguments =
        [
            "-nologo", "-target:library", "-langversion:latest", "-nullable:enable", "-warn:0", $"-out:{Assembly}",
            .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
                .Where(path => Path.GetFileName(path) is var name && (name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.Kiota.", StringComparison.Ordinal) || name is "netstandard.dll" or "mscorlib.dll"))
                .Select(path => $"-reference:{path}"),
            .. Directory.GetFiles(folder.Path, "*.cs", SearchOption.AllDirectories),
        ];
        var response = Path.Combine(folder.Path, "client.rsp");
        await File.WriteAllLinesAsync(response, arguments.Select(argument => $"\"{argument}\""), TestContext.Current.CancellationToken);
        await Tool.RunAsync(folder.Path, "dotnet", compiler!, $"@{response}");
    }
}
