namespace Streaming;

internal static class UnknownKeyDeactivation
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Ends an activation whose key names nothing. Anybody can ask for any id, so it must not stay; nor may it end at
    /// once, or calls that queue for it would be passed on from one such activation to the next until they fail.
    /// </summary>
    public static void DeactivateSoon(this IGrainBase grain, Action deactivate) =>
        grain.RegisterGrainTimer(
            () =>
            {
                deactivate();
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions(Lifetime, Timeout.InfiniteTimeSpan));
}
