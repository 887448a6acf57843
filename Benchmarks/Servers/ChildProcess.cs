using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Streaming.Benchmarks.Servers;

/// <summary>A `dotnet` process that ends with this one, in order by SIGTERM and by force only when that does not help.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan SettleTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SettleWindow = TimeSpan.FromMilliseconds(250);

    private readonly Process _process;
    private readonly OutputTail _output = new();
    private readonly string _name;

    /// <param name="name">For messages.</param>
    /// <param name="assembly">Path of the program.</param>
    /// <param name="arguments">After the program.</param>
    /// <param name="environment">On top of this process's own.</param>
    /// <param name="runtime">Path of a runtimeconfig.json to use in place of the program's.</param>
    public ChildProcess(string name, string assembly, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string? runtime = null)
    {
        _name = name;
        var start = new ProcessStartInfo("dotnet", [.. runtime is null ? Array.Empty<string>() : ["exec", "--runtimeconfig", runtime], assembly, .. arguments])
        {
            WorkingDirectory = Path.GetDirectoryName(assembly),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in environment)
            start.Environment[key] = value;

        // The load generator's own setting: inherited, it would change what is measured.
        start.Environment.Remove(InlineSockets.Variable);

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => _output.Add(line.Data);
        _process.ErrorDataReceived += (_, line) => _output.Add(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        AppDomain.CurrentDomain.ProcessExit += KillNow;
    }

    public int Id => _process.Id;

    public string Output => $"--- last output of {_name} ---{Environment.NewLine}{_output}{Environment.NewLine}---";

    public void ThrowIfExited()
    {
        if (_process.HasExited)
            throw new BenchmarkException($"{_name} ended by itself with exit code {_process.ExitCode}");
    }

    /// <summary>Waits until the process uses under a tenth of a core, ten seconds at most; returns the time that took.</summary>
    /// <remarks>Work left over from one run would otherwise be paid by the next one, that of the other server.</remarks>
    public async Task<TimeSpan> SettleAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        for (var used = ProcessorTime(); clock.Elapsed < SettleTimeout;)
        {
            var windowStart = clock.Elapsed;
            await Task.Delay(SettleWindow, cancellationToken);
            var now = ProcessorTime();
            if (now - used < SettleWindow / 10)
                return windowStart;
            used = now;
        }

        return clock.Elapsed;
    }

    /// <summary>Ends it as a power cut would, and waits until the system has closed its connections.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitsWithinAsync(StopTimeout);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited && (OperatingSystem.IsWindows() || SendSignal(Id, SigTerm) != 0))
            KillNow(null, EventArgs.Empty);

        if (!await ExitsWithinAsync(StopTimeout))
        {
            await Console.Error.WriteLineAsync($"{_name} did not end within {StopTimeout.TotalSeconds:N0} s of SIGTERM; killed");
            KillNow(null, EventArgs.Empty);
            await ExitsWithinAsync(StopTimeout);
        }

        AppDomain.CurrentDomain.ProcessExit -= KillNow;
        _process.Dispose();
    }

    private TimeSpan ProcessorTime()
    {
        ThrowIfExited();
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    private async Task<bool> ExitsWithinAsync(TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void KillNow(object? sender, EventArgs e)
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int processId, int signal);
}
