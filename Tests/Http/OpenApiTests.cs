using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.OpenApi;

namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class OpenApiTests(StreamingApplication application)
{
    private const string Path = "/openapi/v1.json";

    private readonly Api api = application.Api;

    [Fact]
    public async Task Document_is_valid()
    {
        var text = (await api.GetAsync(Path)).Is(200).Text;

        var (document, diagnostic) = OpenApiDocument.Parse(text, OpenApiConstants.Json);

        Assert.Empty(diagnostic!.Errors);
        Assert.NotEmpty(document!.Paths);
    }

    [Fact]
    public async Task Document_lists_every_route_and_method()
    {
        var listed = (await OperationsAsync()).Select(operation => operation.Name).Order(StringComparer.Ordinal);

        Assert.Equal(RouteTable.All.Where(route => route.IsDocumented).Select(route => route.Name).Order(StringComparer.Ordinal), listed);
    }

    [Fact]
    public async Task Every_operation_has_a_summary_tags_and_an_id_of_its_own()
    {
        var operations = await OperationsAsync();

        Assert.All(operations, operation =>
        {
            Assert.NotEqual("", operation.Json.GetProperty("summary").GetString());
            Assert.NotEmpty(operation.Json.GetProperty("tags").EnumerateArray());
        });
        Assert.Equal(operations.Count, operations.Select(operation => operation.Json.GetProperty("operationId").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task Every_success_in_JSON_has_a_schema_and_an_example()
    {
        foreach (var (name, operation) in await OperationsAsync())
        {
            var successes = operation.GetProperty("responses").EnumerateObject().Where(response => response.Name[0] == '2').ToList();
            Assert.True(successes.Count > 0, $"{name} has no success.");
            foreach (var response in successes)
            {
                if (response.Name == "204")
                    Assert.False(response.Value.TryGetProperty("content", out _), $"{name} has a body in its 204.");
                else
                    Assert.All(response.Value.GetProperty("content").EnumerateObject(), media => IsDescribed($"{name} {media.Name}", media.Value));
            }
        }
    }

    [Fact]
    public async Task Every_request_body_has_a_schema_and_an_example()
    {
        var bodies = 0;
        foreach (var (name, operation) in await OperationsAsync())
        {
            if (!operation.TryGetProperty("requestBody", out var body))
                continue;

            bodies++;
            foreach (var media in body.GetProperty("content").EnumerateObject())
                IsDescribed($"{name} {media.Name}", media.Value);
        }

        Assert.Equal(15, bodies);
    }

    [Fact]
    public async Task Every_error_is_a_problem()
    {
        foreach (var (name, operation) in await OperationsAsync())
        {
            var errors = operation.GetProperty("responses").EnumerateObject().Where(response => response.Name[0] is '4' or '5').ToList();
            var route = RouteTable.All.Single(route => route.Name == name);
            Assert.Equal(route.TakesInput, errors.Any(error => error.Name == "400"));
            Assert.Equal(route.Policy != "public", errors.Count(error => error.Name is "401" or "403") == 2 && operation.GetProperty("security").GetArrayLength() > 0);
            Assert.All(errors, error => Assert.StartsWith("#/components/responses/", error.Value.GetProperty("$ref").GetString(), StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Error_answers_stand_once_and_each_is_used()
    {
        var document = (await api.GetAsync(Path)).Is(200);
        var responses = document.Json.GetProperty("components").GetProperty("responses").EnumerateObject().ToList();

        Assert.All(responses, response => Assert.True(response.Value.GetProperty("content").TryGetProperty("application/problem+json", out _), response.Name));
        Assert.Equal(
            responses.Select(response => response.Name).Order(StringComparer.Ordinal),
            Regex.Matches(document.Text, "\"#/components/responses/(?<name>[^\"]+)\"").Select(match => match.Groups["name"].Value).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Document_has_less_than_120_kilobytes()
    {
        var text = (await api.GetAsync(Path)).Is(200).Text;

        Assert.True(System.Text.Encoding.UTF8.GetByteCount(text) < 120_000, $"It has {System.Text.Encoding.UTF8.GetByteCount(text)} bytes.");
    }

    [Fact]
    public async Task Operations_for_everybody_ask_for_no_token_and_all_others_for_one()
    {
        foreach (var (name, operation) in await OperationsAsync())
        {
            var asks = operation.GetProperty("security").EnumerateArray().Any();
            Assert.True(asks == (RouteTable.All.Single(route => route.Name == name).Policy != "public"), name);
        }
    }

    [Fact]
    public async Task Writer_of_a_review_need_not_be_named()
    {
        var schema = (await api.GetAsync(Path)).Is(200).Json.GetProperty("components").GetProperty("schemas").GetProperty("ReviewBody");

        Assert.Equal(["rating"], schema.GetProperty("required").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public async Task Document_names_a_schema_of_its_own_for_every_reference()
    {
        var document = (await api.GetAsync(Path)).Is(200);
        var schemas = document.Json.GetProperty("components").GetProperty("schemas").EnumerateObject().Select(schema => schema.Name).ToHashSet();

        var references = Regex.Matches(document.Text, "\"\\$ref\": ?\"#/components/schemas/(?<name>[^\"]+)\"").Select(match => match.Groups["name"].Value);

        Assert.All(references.Distinct(), name => Assert.Contains(name, schemas));
    }

    [Fact]
    public async Task Api_docs_serve_Swagger_UI()
    {
        var page = (await api.GetAsync("/api-docs")).Is(200);

        Assert.Contains("swagger-ui", page.Text, StringComparison.Ordinal);
        Assert.StartsWith("text/html", page.ContentType, StringComparison.Ordinal);
        Assert.Contains("swagger-ui-bundle", page.Text, StringComparison.Ordinal);
        (await api.GetAsync("/api-docs/swagger-ui-bundle.js")).Is(200);
        var start = (await api.GetAsync("/api-docs/index.js")).Is(200).Text;
        Assert.Contains(Path, start, StringComparison.Ordinal);
    }

    private static void IsDescribed(string name, JsonElement media)
    {
        Assert.True(media.TryGetProperty("schema", out _), $"{name} has no schema.");
        Assert.True(media.TryGetProperty("example", out _) || media.TryGetProperty("examples", out _), $"{name} has no example.");
    }

    private async Task<List<(string Name, JsonElement Json)>> OperationsAsync() =>
    [
        .. (await api.GetAsync(Path)).Is(200).Json.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(method => ($"{method.Name.ToUpperInvariant()} {path.Name}", method.Value))),
    ];
}
