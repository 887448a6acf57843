using Streaming.Benchmarks.Load;
using Streaming.Benchmarks.Servers;

namespace Streaming.Benchmarks.Scenarios;

/// <summary>By how much a process that takes uploads grows while many come at the same time, after a single small one.</summary>
internal static class UploadMemoryScenario
{
    private const int DefaultClients = 20;
    private const int SmallBytes = 1024 * 1024;
    private const double TargetMegabytes = 60;

    /// <summary>A program with a silo in it.</summary>
    public static async Task<ScenarioResult> OfProgramAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        const string name = "upload-memory";
        var form = new VideoForm(UploadsScenario.FileBytes);
        var growths = new List<double>();
        var passed = true;
        for (var i = 1; i <= options.Pairs; i++)
        {
            using var folder = new DataFolder();
            var launch = new ServerLaunch(options.ServerPath, folder, UploadsScenario.FewTitles) { Settings = Uploaders.Settings };
            var round = $"{name} {i}/{options.Pairs}";
            passed &= await StreamingServer.UseAsync(
                launch, server => MeasureAsync(round, server.Api, server.Port, server.Process, form, growths, options, cancellationToken), cancellationToken);
        }

        return Result(name, growths, options, passed);
    }

    /// <summary>A front that is a client of its silo.</summary>
    public static Task<ScenarioResult> OfFrontAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        const string name = "cluster-upload-memory";
        return BenchCluster.UseAsync(
            new ClusterLaunch(Silos: 1, UploadsScenario.FewTitles) { Settings = Uploaders.Settings },
            async cluster =>
            {
                var form = new VideoForm(UploadsScenario.FileBytes);
                var growths = new List<double>();
                var passed = true;
                for (var i = 1; i <= options.Pairs; i++)
                {
                    passed &= await MeasureAsync($"{name} {i}/{options.Pairs}", cluster.Api, cluster.Port, cluster.Front, form, growths, options, cancellationToken);
                    if (i < options.Pairs)
                        await cluster.RestartFrontAsync(cluster.Port, cancellationToken);
                }

                return Result(name, growths, options, passed);
            },
            cancellationToken);
    }

    private static async Task<bool> MeasureAsync(
        string round, StreamingApi api, int port, ChildProcess process, VideoForm form, List<double> growths, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var first = await Uploaders.SignUpAsync(api, 1, cancellationToken);
        await first.UploadAsync(port, new VideoForm(SmallBytes), 1, cancellationToken);
        var crowd = await Uploaders.SignUpAsync(api, options.Connections ?? DefaultClients, cancellationToken);
        await process.SettleAsync(cancellationToken);

        ProcessStatus.ForgetPeak(process.Id);
        var before = ProcessStatus.Megabytes(process.Id, "VmRSS");
        var elapsed = await crowd.UploadAsync(port, form, 1, cancellationToken);
        var peak = ProcessStatus.Megabytes(process.Id, "VmHWM");
        growths.Add(peak - before);
        Console.WriteLine($"{round}: VmRSS {before:N0} MB before, peak {peak:N0} MB, growth {peak - before:N1} MB, in {elapsed.TotalSeconds:N1} s");
        return await crowd.CheckAsync(round, cancellationToken);
    }

    private static ScenarioResult Result(string name, List<double> growths, BenchmarkOptions options, bool passed)
    {
        var growth = Spread.Of(growths);
        return new ScenarioResult(
            name,
            $"median growth {growth.Median:N1} MB ({growth.Min:N1}..{growth.Max:N1}), target under {TargetMegabytes:N0} MB {(growth.Max < TargetMegabytes ? "met" : "MISSED")}, {options.Pairs} fresh processes, {options.Connections ?? DefaultClients} uploads of {UploadsScenario.FileBytes / 1024 / 1024} MB at the same time")
        {
            Server = $"{growth.Median:N1} MB more ({growth.Min:N1}..{growth.Max:N1})",
            Passed = passed,
        };
    }
}
