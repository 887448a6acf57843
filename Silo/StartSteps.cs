namespace Streaming.Silo;

/// <summary>Says at debug level how far a start has come, for whoever looks for the step at which one hangs.</summary>
internal sealed partial class StartSteps(ILogger<StartSteps> logger) : IHostedLifecycleService, ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly (int Stage, string Name)[] Stages =
    [
        (ServiceLifecycleStage.RuntimeInitialize, nameof(ServiceLifecycleStage.RuntimeInitialize)),
        (ServiceLifecycleStage.RuntimeGrainServices, nameof(ServiceLifecycleStage.RuntimeGrainServices)),
        (ServiceLifecycleStage.AfterRuntimeGrainServices, nameof(ServiceLifecycleStage.AfterRuntimeGrainServices)),
        (ServiceLifecycleStage.BecomeActive, nameof(ServiceLifecycleStage.BecomeActive)),
        (ServiceLifecycleStage.Active, nameof(ServiceLifecycleStage.Active)),
    ];

    public void Participate(ISiloLifecycle lifecycle)
    {
        foreach (var (stage, name) in Stages)
            lifecycle.Subscribe(nameof(StartSteps), stage, _ => Say(name));
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Say("Host");

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private Task Say(string step)
    {
        LogStep(logger, step);
        return Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Debug, "Start: {Step}.")]
    private static partial void LogStep(ILogger logger, string step);
}
