using Orleans.Runtime.Messaging;

namespace Streaming;

/// <summary>What a failed call to a grain says of its outcome.</summary>
public static class FailedCall
{
    /// <summary>
    /// Whether it was rejected before it was sent, or no silo could be reached. After any other failure, a time-out or a
    /// silo that died, it may have run.
    /// </summary>
    public static bool NeverRan(Exception exception) =>
        exception is ConnectionFailedException or OrleansMessageRejectionException and not SiloUnavailableException;
}
