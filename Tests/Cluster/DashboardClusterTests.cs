using System.Text.Json;
using Streaming.Tests.Http;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>The dashboard of fronts that are clients of separate silos.</summary>
[Collection(ServersTests.Name)]
public sealed class DashboardClusterTests : IAsyncLifetime
{
    private const string Email = "operator@example.com";
    private const string Password = "correct horse";
    private const string Data = "/dashboard/DashboardCounters";

    private readonly ServersFixture stores = new();
    private readonly SiloCluster cluster = new(
        ("Auth__SigningKey", "one key that all fronts of this cluster have"),
        ("Auth__AccessPollMilliseconds", "200"),
        ("Auth__FirstAdministrator__Email", Email),
        ("Auth__FirstAdministrator__Password", Password),
        ("Dashboard__UpdateSeconds", "1"));

    public async ValueTask InitializeAsync() => await stores.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        await stores.DisposeAsync();
    }

    [Fact]
    public async Task Who_signs_in_at_one_front_is_signed_in_at_all_and_sees_every_silo()
    {
        // Both want a key at their start, and there is none.
        var fronts = (FrontProcess[])[cluster.LaunchFront(), cluster.LaunchFront()];
        await cluster.StartSilosAsync(2);
        foreach (var front in fronts)
            await front.UntilReadyAsync();

        using var here = new DashboardVisitor(fronts[0].Address);
        using var there = new DashboardVisitor(fronts[1].Address);
        (await there.GetAsync(Data)).IsProblem(401);
        (await here.SignInAsync(Email, Password)).Is(303);
        there.Take(here);

        // What has just been activated is counted at the next update.
        await Poll.UntilAsync(async () =>
        {
            var counters = (await there.GetAsync(Data)).IsJson().Json;
            return counters.GetProperty("totalActiveHostCount").GetInt32() == 2
                && counters.GetProperty("simpleGrainStats").EnumerateArray().Any(IsOurs) ? null : counters.GetRawText();
        });
        (await there.GetAsync("/dashboard/")).Is(200);
        (await there.GetAsync("/dashboard/GrainState")).IsProblem(404);

        (await there.SignOutAsync()).Is(303);

        await Poll.UntilAsync(async () => await here.GetAsync(Data) is { Status: not 401 } answer ? answer.Text : null);
        foreach (var front in fronts)
        {
            await front.StopAsync();
            front.HasNoErrors();
        }
    }

    private static bool IsOurs(JsonElement grain) => grain.GetProperty("grainType").GetString() == "Streaming.Users.AccessGrain";
}
