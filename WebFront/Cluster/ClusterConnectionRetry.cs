using Microsoft.Extensions.Options;
using Streaming.Silo;

namespace Streaming.WebFront;

/// <summary>Waits at the start for a silo, which may be started later than the front, and says so; for a bounded time.</summary>
internal sealed partial class ClusterConnectionRetry(
    IOptions<ClusterOptions> options, TimeProvider time, ILogger<ClusterConnectionRetry> logger) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly long since = time.GetTimestamp();
    private bool hasSaid;

    /// <exception cref="StartupException">It has waited long enough.</exception>
    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        var cluster = options.Value;
        if (time.GetElapsedTime(since) > TimeSpan.FromSeconds(cluster.ConnectSeconds))
        {
            throw new StartupException(
                $"No silo of cluster {cluster.Id} has answered for {cluster.ConnectSeconds} s. Start one with the same Cluster:Id and ConnectionStrings:Orleans, or see Cluster:ConnectSeconds. ({exception.Message})",
                exception);
        }

        if (!hasSaid)
            LogWaiting(logger, cluster.Id, cluster.ConnectSeconds, exception.Message);

        hasSaid = true;
        await Task.Delay(Interval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !cancellationToken.IsCancellationRequested;
    }

    [LoggerMessage(LogLevel.Warning, "No silo of cluster {Cluster} answers yet; waiting up to {Seconds} s. {Reason}")]
    private static partial void LogWaiting(ILogger logger, string cluster, int seconds, string reason);
}
