using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Streaming.Silo;

/// <summary>
/// A program from its start to its end, which comes whatever happens: a start that fails or is stopped stops what it had begun, in
/// the order of any other stop, and a stop that does not end is cut off.
/// </summary>
public static partial class ProgramRun
{
    /// <summary>For a step of the start that is under way to notice that the program shall stop. Most take their own time-outs of 3 to 5 s.</summary>
    private static readonly TimeSpan StepPatience = TimeSpan.FromSeconds(8);

    /// <summary>For what a start had begun: little was done, and nobody is served.</summary>
    private static readonly TimeSpan UnfinishedBudget = TimeSpan.FromSeconds(12);

    /// <summary>For a silo to write into the membership that it leaves; a minute by default, and again with each of its statuses.</summary>
    private static readonly TimeSpan LeavePatience = TimeSpan.FromSeconds(4);

    /// <summary>Past the budget of a stop, which ends in time where nothing hangs.</summary>
    private static readonly TimeSpan CutOffAfter = Drain.Budget + TimeSpan.FromSeconds(3);

    /// <summary>Starts the program, serves until it is told to stop, and stops it.</summary>
    /// <exception cref="StartupException">It did not start; what it had begun is stopped.</exception>
    public static async Task ServeAsync(this WebApplication app, Action announce)
    {
        var stopping = app.Lifetime.ApplicationStopping;
        using var leaving = stopping.Register(() => LeaveInTime(app.Services));
        using var cutOff = new Timer(_ => CutOff(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using var limit = stopping.Register(() => cutOff.Change(CutOffAfter, Timeout.InfiniteTimeSpan));
        if (!await app.TryStartAsync())
            return;

        if (!stopping.IsCancellationRequested)
            announce();

        await app.WaitForShutdownAsync();
        await app.DisposeAsync();
    }

    /// <returns>Whether it runs; it does not where it was told to stop meanwhile.</returns>
    /// <exception cref="StartupException">It did not start; what it had begun is stopped.</exception>
    public static async Task<bool> TryStartAsync(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ProgramRun).FullName!);
        var start = app.StartAsync();
        using var patience = new CancellationTokenSource();
        using var stop = app.Lifetime.ApplicationStopping.Register(() => patience.CancelAfter(StepPatience));
        await start.WaitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (start.IsCompletedSuccessfully)
        {
            var program = app.Services.GetRequiredService<ProgramStart>();
            program.Ran();
            app.Lifetime.ApplicationStopping.Register(program.Stops);
            return true;
        }

        var isAsked = app.Lifetime.ApplicationStopping.IsCancellationRequested;
        LogEnded(logger, start.Exception);
        if (start.IsCompleted)
            await StopAsync(app, logger);

        // Not the whole container: Orleans waits for ever for the end of a silo that was none yet. The loggers write out what they have.
        app.Services.GetRequiredService<ILoggerFactory>().Dispose();
        if (isAsked)
            return false;

        var reason = start.Exception?.InnerExceptions[0] ?? new TimeoutException("It took too long.");
        throw IsToldAlready(reason) ? reason : new StartupException($"The start failed: {Describe(reason)}", reason);
    }

    /// <summary>Settings that are wrong: each names what to correct.</summary>
    private static bool IsToldAlready(Exception e) => e switch
    {
        AggregateException several => several.InnerExceptions.All(IsToldAlready),
        InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" } => true,
        _ => e is StartupException or OptionsValidationException,
    };

    private static async Task StopAsync(WebApplication app, ILogger logger)
    {
        using var budget = new CancellationTokenSource(UnfinishedBudget);
        try
        {
            app.Lifetime.StopApplication();
            await app.StopAsync(budget.Token).WaitAsync(budget.Token);
        }
        catch (Exception e)
        {
            LogNotStopped(logger, e);
        }
    }

    /// <summary>One line, from the outside to the cause, without the names of types.</summary>
    private static string Describe(Exception e)
    {
        var messages = new List<string>();
        for (var cause = e; cause is not null && messages.Count < 4; cause = cause.InnerException)
        {
            var message = cause.Message.ReplaceLineEndings(" ").Trim().TrimEnd('.');
            if (!messages.Any(said => said.Contains(message, StringComparison.Ordinal)))
                messages.Add(message);
        }

        return string.Join(": ", messages) + ".";
    }

    private static void LeaveInTime(IServiceProvider services)
    {
        // Orleans reads it at each attempt.
        if (services.GetService<IOptions<ClusterMembershipOptions>>()?.Value is { } membership && membership.MaxJoinAttemptTime > LeavePatience)
            membership.MaxJoinAttemptTime = LeavePatience;
    }

    private static void CutOff()
    {
        Console.Error.WriteLine($"The stop took more than {CutOffAfter.TotalSeconds} s and is cut off. Acknowledged views are in the journal.");
        Environment.Exit(Environment.ExitCode == 0 ? 1 : Environment.ExitCode);
    }

    [LoggerMessage(LogLevel.Debug, "The start ended before the program ran.")]
    private static partial void LogEnded(ILogger logger, Exception? exception);

    [LoggerMessage(LogLevel.Debug, "What the start had begun could not be stopped.")]
    private static partial void LogNotStopped(ILogger logger, Exception exception);
}
