using System.Diagnostics;
using System.Globalization;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>What the manifests declare, run without Kubernetes.</summary>
[Collection(ServersTests.Name)]
public sealed class KubernetesTests : IAsyncLifetime
{
    private readonly ServersFixture stores = new();

    public async ValueTask InitializeAsync() => await stores.OpenAsync();

    public async ValueTask DisposeAsync() => await stores.DisposeAsync();

    [Fact]
    public async Task Pods_as_they_are_rendered_start_and_scale_from_one_silo_to_three_and_back_to_two_and_every_view_counts_once()
    {
        var titles = Enumerable.Range(0, 30).Select(_ => Guid.NewGuid()).ToArray();
        foreach (var title in titles)
            await stores.AddTitleAsync(Samples.Title(title, "A title"));

        await using var rendered = await RenderedCluster.RenderAsync();
        await using var load = new KeyedLoad(() => [.. rendered.ReadyFronts.Select(front => front.Address)], titles);
        var watch = Stopwatch.StartNew();
        await rendered.MigrateAsync();
        Say("The migration ended", watch);
        var first = rendered.LaunchSilo();
        var fronts = new[] { rendered.LaunchFront(), rendered.LaunchFront() };
        await Task.WhenAll(fronts.Prepend(first).Select(pod => pod.UntilServesAsync()));
        Say("One silo and two fronts serve", watch);
        Assert.Equal([first.Name], await rendered.Cluster.NamesAsync());
        load.Start();
        await load.AcknowledgedAsync(100);

        var further = new[] { rendered.LaunchSilo(), rendered.LaunchSilo() };
        await Task.WhenAll(further.Select(silo => silo.UntilServesAsync()));
        Say("Three silos serve", watch);
        Assert.Equal(3, (await rendered.Cluster.NamesAsync()).Count);
        await load.AcknowledgedAsync(100);

        // All titles are at the first, or nearly.
        await first.RemoveAsync();
        Say("The first silo has left", watch);
        await load.AcknowledgedAsync(100);
        await load.StopAsync();
        foreach (var pod in fronts.Concat(further))
            await pod.StopProbesAsync();

        Say($"{load.Requests} requests, {load.Failures.Count} failed ({string.Join("; ", load.Failures.Distinct().Take(10))})", watch);
        Assert.Equal(further.Select(silo => silo.Name).Order(), await rendered.Cluster.NamesAsync());
        foreach (var title in titles)
        {
            await Poll.UntilAsync(async () =>
                await stores.Journal.GetTotalAsync(title, TestContext.Current.CancellationToken) is var now && now == load.AcknowledgedOf(title) ? null : $"{now} of {load.AcknowledgedOf(title)}");
        }

        Say("All views are counted", watch);
        // See LoadedCluster.FailedHardlyAnybody.
        Assert.InRange(load.Failures.Count, 0, 5);
    }

    private static void Say(string text, Stopwatch watch) =>
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{text} after {watch.Elapsed.TotalSeconds:0.0} s."));
}
