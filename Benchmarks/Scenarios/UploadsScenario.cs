using Streaming.Benchmarks.Load;
using Streaming.Benchmarks.Servers;

namespace Streaming.Benchmarks.Scenarios;

/// <summary>Uploads against the same bytes copied to a file by a bare endpoint, as fast as it can and down to the disk.</summary>
internal static class UploadsScenario
{
    public const int FileBytes = 40 * 1024 * 1024;
    public const int FewTitles = 100;

    private const string Name = "uploads";
    private const int DefaultClients = 4;
    private const int FilesEach = 5;
    private const double Target = 0.70;

    public static async Task<ScenarioResult> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        using var folder = new DataFolder();
        using var copies = new DataFolder();
        await using var bare = await BareServer.StartAsync(copies, cancellationToken);
        return await StreamingServer.UseAsync(
            new ServerLaunch(options.ServerPath, folder, FewTitles) { Settings = Uploaders.Settings },
            server => RunAsync(server, bare, copies, options, cancellationToken),
            cancellationToken);
    }

    private static async Task<ScenarioResult> RunAsync(
        StreamingServer server, BareServer bare, DataFolder copies, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var clients = options.Connections ?? DefaultClients;
        var form = new VideoForm(FileBytes);
        var uploaders = await Uploaders.SignUpAsync(server.Api, clients, cancellationToken);
        Func<int, Task<double>>[] sides = [UploadAsync, files => CopyAsync(BareUploads.DurablePath, files), files => CopyAsync(BareUploads.CachedPath, files)];
        foreach (var side in sides)
            await side(1);

        var rounds = new List<double[]>();
        for (var i = 0; i < options.Pairs; i++)
        {
            var rates = new double[sides.Length];
            // Another one goes first in each round.
            for (var j = 0; j < sides.Length; j++)
                rates[(i + j) % sides.Length] = await sides[(i + j) % sides.Length](FilesEach);

            rounds.Add(rates);
            Console.WriteLine($"{Name} {i + 1}/{options.Pairs}: server {rates[0]:N0} MB/s | bare to disk {rates[1]:N0} MB/s, ratio {rates[0] / rates[1]:N3} | bare to the cache {rates[2]:N0} MB/s, ratio {rates[0] / rates[2]:N3}");
        }

        var passed = await uploaders.CheckAsync(Name, cancellationToken);
        var (toDisk, toCache) = (Spread.Of(rounds.Select(rates => rates[0] / rates[1])), Spread.Of(rounds.Select(rates => rates[0] / rates[2])));
        var medians = Enumerable.Range(0, sides.Length).Select(side => Spread.Of(rounds.Select(rates => rates[side])).Median).ToArray();
        return new ScenarioResult(
            Name,
            $"median ratio to disk {toDisk.Median:N2} ({toDisk.Min:N2}..{toDisk.Max:N2}), target {Target:N2} {(toDisk.Median >= Target ? "met" : "MISSED")}, to the cache {toCache.Median:N2} ({toCache.Min:N2}..{toCache.Max:N2}), "
            + $"server {medians[0]:N0} MB/s, bare {medians[1]:N0} and {medians[2]:N0} MB/s, {options.Pairs} rounds of {clients} clients with {FilesEach} files of {FileBytes / 1024 / 1024} MB")
        {
            Server = $"{medians[0]:N0} MB/s",
            Bare = $"{medians[1]:N0} MB/s to disk",
            Ratio = $"{toDisk.Median:N2} ({toDisk.Min:N2}..{toDisk.Max:N2})",
            Passed = passed,
        };

        async Task<double> UploadAsync(int files)
        {
            var elapsed = await uploaders.UploadAsync(server.Port, form, files, cancellationToken);
            await server.Process.SettleAsync(cancellationToken);
            return Rate(files, elapsed);
        }

        async Task<double> CopyAsync(string path, int files)
        {
            var heads = Enumerable.Repeat(form.Head(bare.Port, path), clients).ToArray();
            var elapsed = await new UploadCrowd("the bare endpoint", bare.Port, form, heads).RunAsync(files, cancellationToken);
            // What the system has not written yet need not be written then, and disturbs nobody.
            copies.Empty();
            await bare.Process.SettleAsync(cancellationToken);
            return Rate(files, elapsed);
        }

        double Rate(int files, TimeSpan elapsed) => (double)FileBytes * files * clients / 1e6 / elapsed.TotalSeconds;
    }
}
