using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Streaming.Tests.Processes;

/// <summary>A real program as a process of its own, with its HTTP on loopback.</summary>
internal abstract class ProgramProcess : IAsyncDisposable
{
    private static readonly string[] Sections = ["Cloudinary__", "Cluster__", "ConnectionStrings__", "Media__", "Storage__"];
    private static readonly string[] OfTheMachine = ["PATH", "HOME", "TMPDIR", "DOTNET_ROOT"];
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly ConcurrentQueue<string> output = new();
    private readonly ConcurrentQueue<string> errors = new();
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Starts it in Development unless the settings say otherwise, and does not wait.</summary>
    /// <param name="program">Name of its assembly.</param>
    /// <param name="command">What it is to do instead of serving, with its words.</param>
    /// <param name="folder">Where the program of another build is; null for this build's.</param>
    protected ProgramProcess(string program, int port, IEnumerable<(string Name, string Value)> settings, string? command = null, string? folder = null)
        : this(program, AddressOf(port), command?.Split(' ') ?? [], environment => Configure(environment, AddressOf(port), settings), folder)
    {
    }

    /// <summary>Starts it with this environment and, but for the paths of this machine, nothing else.</summary>
    protected ProgramProcess(string program, int port, IReadOnlyDictionary<string, string> settings, IEnumerable<string> arguments)
        : this(program, AddressOf(port), [.. arguments], environment =>
        {
            foreach (var name in environment.Keys.Where(name => !OfTheMachine.Contains(name)).ToList())
                environment.Remove(name);

            foreach (var (name, value) in settings)
                environment[name] = value;
        })
    {
    }

    private ProgramProcess(string program, Uri address, string[] arguments, Action<IDictionary<string, string?>> configure, string? folder = null)
    {
        Address = address;
        // A shell in the background ignores SIGINT, and so would the program.
        var start = new ProcessStartInfo("/usr/bin/env")
        {
            ArgumentList = { "--default-signal=INT", "dotnet", Path.Combine(folder ?? Environment.GetEnvironmentVariable("STREAMING_TEST_PROGRAMS") ?? AppContext.BaseDirectory, program + ".dll") },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // A command that asks must not find the terminal of whoever runs the tests.
            RedirectStandardInput = arguments.Length > 0,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);

        configure(start.Environment);
        process = Process.Start(start)!;
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

    /// <summary>Waits until it says that it is running.</summary>
    public async Task UntilReadyAsync()
    {
        var ended = process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await Task.WhenAny(ready.Task, ended).WaitAsync(StartTimeout, TestContext.Current.CancellationToken);
        if (!ready.Task.IsCompleted)
            Assert.Fail($"{GetType().Name} ended with {process.ExitCode} instead of starting:\n{string.Join('\n', Output.Concat(Errors))}");
    }

    /// <summary>Waits for a line of its output that says this; fails where it ends before.</summary>
    public Task UntilSaidAsync(string text) => Poll.UntilAsync(() =>
    {
        if (output.Any(line => line.Contains(text, StringComparison.Ordinal)))
            return Task.FromResult<string?>(null);

        Assert.False(process.HasExited, $"{GetType().Name} ended and did not say '{text}':\n{string.Join('\n', Output.Concat(Errors))}");
        return Task.FromResult<string?>($"it has not said '{text}':\n{string.Join('\n', Output.TakeLast(20))}");
    }, seconds: 60);

    /// <summary>Ends within the time in which a supervisor would kill it, with exit code 0 and without a word of a failure.</summary>
    public async Task StopsQuietlyAsync()
    {
        Signal(NativeMethods.Terminate);
        Assert.Equal(0, await WaitForExitAsync());
        HasNoErrors();
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

    /// <summary>Ends by itself with exit code 1, and one line that says all of this and nothing of the inside.</summary>
    public async Task FailsAsync(params string[] says)
    {
        Assert.Equal(1, await WaitForExitAsync());

        var line = Assert.Single(Errors);
        Assert.All(says, text => Assert.Contains(text, line, StringComparison.Ordinal));
        Assert.DoesNotContain("Exception", line, StringComparison.Ordinal);
        Assert.All(Output, text => Assert.DoesNotContain("   at ", text, StringComparison.Ordinal));
        Assert.All(Output, text => Assert.DoesNotContain("Exception", text, StringComparison.Ordinal));
    }

    /// <summary>Ends by itself with exit code 1 and these lines, told by how they begin, in any order.</summary>
    public async Task FailsWithAsync(params string[] beginnings)
    {
        Assert.Equal(1, await WaitForExitAsync());

        Assert.Equal(
            beginnings.Order(StringComparer.Ordinal),
            Errors.Select(line => beginnings.FirstOrDefault(beginning => line.StartsWith(beginning, StringComparison.Ordinal)) ?? line).Order(StringComparer.Ordinal));
        Assert.All(Output.Concat(Errors), text => Assert.DoesNotContain("   at ", text, StringComparison.Ordinal));
        Assert.All(Output.Concat(Errors), text => Assert.DoesNotContain("Exception", text, StringComparison.Ordinal));
    }

    /// <summary>Its output, once it has ended, tells of no failure.</summary>
    public void HasNoErrors()
    {
        HasOnlyWarnings();
        Assert.DoesNotContain(Output, line => line.Contains("   at ", StringComparison.Ordinal));
    }

    /// <summary>Its output tells of nothing worse than what is tried again.</summary>
    public void HasOnlyWarnings()
    {
        Assert.Empty(Errors);
        Assert.DoesNotContain(Output, line => line.Contains("fail:", StringComparison.Ordinal) || line.Contains("crit:", StringComparison.Ordinal));
    }

    private static Uri AddressOf(int port) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));

    private static void Configure(IDictionary<string, string?> environment, Uri address, IEnumerable<(string Name, string Value)> settings)
    {
        // What a shell has set for programs started by hand means nothing here.
        foreach (var name in environment.Keys.Where(name => Sections.Any(section => name.StartsWith(section, StringComparison.OrdinalIgnoreCase))).ToList())
            environment.Remove(name);

        environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        environment["RateLimits__Enabled"] = "false";
        environment["ASPNETCORE_URLS"] = address.GetLeftPart(UriPartial.Authority);
        // A program that lives for seconds is compiled once; counting for a second time costs a fifth of its start.
        environment["DOTNET_TieredPGO"] = "0";
        // The fewest that are allowed.
        environment["Auth__HashIterations"] = "100000";
        foreach (var (name, value) in settings)
            environment[name] = value;
    }

    public virtual async ValueTask DisposeAsync()
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
    public const int Continue = 18;
    public const int Stop = 19;

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static extern int Kill(int process, int signal);
}
