using Microsoft.Extensions.Hosting;

namespace Streaming.Tests.Http;

/// <summary>A program that no other test has, since what they do to it is its health.</summary>
public sealed class HealthTests(HealthTests.Application application) : IClassFixture<HealthTests.Application>
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
        Assert.All(dependencies, dependency => Assert.Equal("up", dependency.Value.GetProperty("status").GetString()));
        // Without people and reviews titles are served and views recorded on.
        Assert.Equal(
            ["journal", "membership", "metadata"],
            dependencies.Where(dependency => dependency.Value.GetProperty("critical").GetBoolean()).Select(dependency => dependency.Name));
    }

    [Fact]
    public async Task Loops_of_the_program_tell_their_last_success()
    {
        await Poll.UntilAsync(async () =>
        {
            var loops = (await api.GetAsync("/health/ready")).IsJson().Json.GetProperty("background").EnumerateObject().ToList();
            Assert.All(loops, loop => Assert.Equal(("up", 0), (loop.Value.GetProperty("status").GetString(), loop.Value.GetProperty("failures").GetInt32())));
            return loops.Any(loop => loop is { Name: "download_meter" } && loop.Value.GetProperty("last_success").ValueKind == System.Text.Json.JsonValueKind.String) ? null : $"{loops.Count} loops";
        });
    }

    public sealed class Application() : StreamingApplication(Environments.Development, ("Seed:Titles", "20"));
}
