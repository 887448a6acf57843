using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Streaming.Tests.Processes;

/// <summary>The real program as a process of its own, on loopback and a data folder that the test gives it.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly ConcurrentQueue<string> output = new();
    private readonly ConcurrentQueue<string> errors = new();
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(Process process, Uri address)
    {
        this.process = process;
        Address = address;
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is not { } text)
                return;

            output.Enqueue(text);
            if (text == "Press Ctrl-C to stop.")
                ready.TrySetResult();
        };
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { } text)
                errors.Enqueue(text);
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address { get; }

    /// <summary>Lines on its standard output so far; all of them once it has ended.</summary>
    public IReadOnlyList<string> Output => [.. output];

    /// <summary>The same of its standard error.</summary>
    public IReadOnlyList<string> Errors => [.. errors];

    /// <summary>Starts it in Development unless the settings say otherwise, and does not wait.</summary>
    public static ServerProcess Start(string folder, int port, params (string Name, string Value)[] settings)
    {
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        // A shell in the background ignores SIGINT, and so would the program.
        var start = new ProcessStartInfo("/usr/bin/env")
        {
            ArgumentList = { "--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "Streaming.WebFront.dll") },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
            Environment =
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["ASPNETCORE_URLS"] = address.GetLeftPart(UriPartial.Authority),
                ["Storage__Path"] = folder,
            },
        };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;

        return new ServerProcess(Process.Start(start)!, address);
    }

    /// <summary>The same, and waits until it says that it is running.</summary>
    public static async Task<ServerProcess> StartReadyAsync(string folder, int port, params (string Name, string Value)[] settings)
    {
        var server = Start(folder, port, settings);
        var ended = server.process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await Task.WhenAny(server.ready.Task, ended).WaitAsync(StartTimeout, TestContext.Current.CancellationToken);
        if (server.ready.Task.IsCompleted)
            return server;

        Assert.Fail($"The server ended with {server.process.ExitCode} instead of starting:\n{string.Join('\n', server.Output.Concat(server.Errors))}");
        throw new UnreachableException();
    }

    public void Signal(int signal) => Assert.Equal(0, NativeMethods.Kill(process.Id, signal));

    /// <summary>Its exit code.</summary>
    public async Task<int> WaitForExitAsync()
    {
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(EndTimeout, TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    /// <summary>Ends it as a power cut would, for the process.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await WaitForExitAsync();
    }

    /// <summary>Stops it as a supervisor does.</summary>
    public async Task StopAsync()
    {
        Signal(NativeMethods.Terminate);
        Assert.Equal(0, await WaitForExitAsync());
        Assert.Empty(Errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        process.Dispose();
    }
}

internal static class NativeMethods
{
    public const int Interrupt = 2;
    public const int Terminate = 15;

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static extern int Kill(int process, int signal);
}
