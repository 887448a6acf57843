namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class HealthTests(StreamingApplication application)
{
    private readonly Api api = application.Api;

    [Fact]
    public async Task Program_that_runs_is_live() =>
        Assert.Equal("""{"status":"live"}""", (await api.GetAsync("/health/live")).IsJson().Text);

    [Fact]
    public async Task Program_that_has_all_it_needs_is_ready_and_names_it()
    {
        var answer = (await api.GetAsync("/health/ready")).IsJson();

        Assert.Equal("ready", answer.Json.GetProperty("status").GetString());
        Assert.Equal("no-store", answer.Headers["Cache-Control"]);
        var dependencies = answer.Json.GetProperty("dependencies").EnumerateObject().ToList();
        Assert.Equal(["analytics", "journal", "membership", "metadata", "reviews"], dependencies.Select(dependency => dependency.Name));
        Assert.All(dependencies, dependency => Assert.Equal("""{"status":"up","critical":true}""", dependency.Value.GetRawText()));
    }
}
