using System.Diagnostics;
using System.Globalization;

namespace Streaming.Tests.Storage;

/// <summary><c>eng/servers</c>, for tests that stop a server and start it again.</summary>
internal static class ServerScript
{
    private const string Folder = "STREAMING_SERVERS_DIR";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(120);

    /// <summary>In the order of their ports.</summary>
    private static readonly (string Name, string Variable)[] Servers =
    [
        ("metadata", "STREAMING_TEST_METADATA"),
        ("analytics", "STREAMING_TEST_ANALYTICS"),
        ("replica", "STREAMING_TEST_REPLICA"),
        ("redis", "STREAMING_TEST_REDIS"),
        ("mongo", "STREAMING_TEST_MONGODB"),
    ];

    public static string Repository { get; } = FindRepository();

    /// <summary>Skips the test where the server is another than the script's own: only that one can be stopped.</summary>
    public static void Require(string server)
    {
        _ = TestServers.Connections;
        var index = Array.FindIndex(Servers, s => s.Name == server);
        if (Environment.GetEnvironmentVariable(Folder) is { Length: > 0 } folder && File.Exists(Path.Combine(folder, "port")))
        {
            var port = int.Parse(File.ReadAllText(Path.Combine(folder, "port")), CultureInfo.InvariantCulture) + index;
            if (Environment.GetEnvironmentVariable(Servers[index].Variable)!.Contains(port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal))
                return;
        }

        Assert.Skip($"The server '{server}' was not started by eng/servers, so a test cannot stop it.");
    }

    /// <param name="crash">As a crash does, instead of an orderly end.</param>
    public static Task StopAsync(string server, bool crash = false) => RunCheckedAsync("stop", server, "--mode", crash ? "immediate" : "fast");

    /// <summary>Returns when it answers.</summary>
    public static Task StartAsync(string server) => RunCheckedAsync("start", server);

    /// <param name="environment">A null value removes the variable.</param>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string[] arguments, params (string Name, string? Value)[] environment)
    {
        var start = new ProcessStartInfo(Path.Combine(Repository, "eng", "servers"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        using var process = Process.Start(start)!;
        try
        {
            using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            giveUp.CancelAfter(Timeout);
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(giveUp.Token), process.StandardError.ReadToEndAsync(giveUp.Token));
            await process.WaitForExitAsync(giveUp.Token);
            return (process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static async Task RunCheckedAsync(params string[] arguments)
    {
        var (code, output, errors) = await RunAsync(arguments);
        Assert.True(code == 0, $"eng/servers {string.Join(' ', arguments)} ended with {code}: {output}{errors}");
    }

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Streaming.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"{AppContext.BaseDirectory} is in no clone of the repository.");
    }
}
