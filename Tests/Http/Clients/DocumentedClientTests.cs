using System.Text.Json;
using Streaming.WebFront.Documentation;

namespace Streaming.Tests.Http.Clients;

/// <summary>What people make of the OpenAPI document: they try its examples, and generate clients from it.</summary>
public sealed class DocumentedClientTests(DemoApplication application) : IClassFixture<DemoApplication>
{
    private const string Path = "/openapi/v1.json";

    private readonly Api api = application.Api;

    [Fact]
    public async Task Every_path_parameter_has_an_example_that_works_on_demo_data()
    {
        var tried = 0;
        var operations = (await api.GetAsync(Path)).Is(200).Json.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(method => (Name: $"{method.Name.ToUpperInvariant()} {path.Name}", Json: method.Value)))
            // What is deleted is not there for the others, and a person takes the rest along.
            .OrderBy(operation => operation.Name == "DELETE /api/admin/users/{userId}" ? 2 : operation.Name.StartsWith("DELETE ", StringComparison.Ordinal) ? 1 : 0);
        // The example makes the person an administrator, and the last one is not deleted.
        var other = application.UserIds.First(id => id.ToString() != Examples.OfPath("userId"));
        (await api.SendAsync("PUT", $"/api/admin/users/{other}/role", Api.Json("""{"role":"admin"}"""), application.Administrator())).Is(200);
        foreach (var (name, operation) in operations)
        {
            var (method, path) = (name.Split(' ')[0], name.Split(' ')[1]);
            var parameters = operation.TryGetProperty("parameters", out var all)
                ? all.EnumerateArray().Where(parameter => parameter.GetProperty("in").GetString() == "path").ToList()
                : [];
            foreach (var parameter in parameters)
                path = path.Replace($"{{{parameter.GetProperty("name").GetString()}}}", parameter.GetProperty("example").GetString(), StringComparison.Ordinal);

            Assert.DoesNotContain("{", path, StringComparison.Ordinal);
            if (parameters.Count == 0)
                continue;

            var headers = name.Contains("{sessionId}", StringComparison.Ordinal) ? [await LogInAsync()] : RouteTable.All.Single(route => route.Name == name).IsOpen ? [] : new[] { application.Administrator() };
            var answer = await api.SendAsync(method, path, Body(operation), headers);

            // Whoever tries the route has to make one of these first, and it then has an id of its own.
            if (name.Contains("{keyId}", StringComparison.Ordinal) || name.Contains("{filename}", StringComparison.Ordinal))
                Assert.True(answer.Status is 403 or 404, $"{name}: {answer.Status} {answer.Text}");
            else
                Assert.True(answer.Status is 200 or 201 or 204, $"{name}: {answer.Status} {answer.Text}");

            tried++;
        }

        Assert.True(tried > 20, $"{tried} operations were tried.");
    }

    [Fact]
    public async Task Client_that_Kiota_generates_compiles_and_makes_ten_calls()
    {
        using var client = await KiotaClient.BuildAsync((await api.GetAsync(Path)).Is(200).Text);

        Assert.Equal(
            [
                "User registered successfully", "Login successful", "50", "True", "True", "View count incremented", "3", "Review added successfully",
                "9", "True", "karen", "0.00", "400 email", "404",
            ],
            await client.CallAsync(api.Server));
    }

    [Fact]
    public async Task Types_that_openapi_typescript_generates_compile_and_make_ten_calls()
    {
        using var client = await TypeScriptClient.BuildAsync((await api.GetAsync(Path)).Is(200).Text);

        Assert.Equal(
            [
                "User registered successfully", "Login successful", "50", "true", "true", "View count incremented", "3", "Review added successfully",
                "9", "true", "karen", "0.00", "400 email", "404",
            ],
            await client.CallAsync(api.Server));
    }

    private async Task<(string, string)> LogInAsync()
    {
        var account = $$"""{"email":"{{Guid.NewGuid():N}}@example.com","password":"a long sentence"}""";
        (await api.PostAsync("/api/users/register", account)).Is(200);
        return ("Authorization", "Bearer " + (await api.PostAsync("/api/users/login", account)).Is(200).Json.GetProperty("token").GetString());
    }

    private static StringContent? Body(JsonElement operation) => operation.TryGetProperty("requestBody", out var request)
        ? Api.Json(request.GetProperty("content").GetProperty("application/json").GetProperty("example").GetRawText())
        : null;
}
