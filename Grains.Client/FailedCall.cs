using Orleans.Runtime.Messaging;
using Streaming.Viewing;

namespace Streaming;

/// <summary>What a failed call to a grain says of its outcome.</summary>
public static class FailedCall
{
    /// <summary>
    /// Whether it was rejected before it was sent or placed, or no silo could be reached. After any other failure, a time-out or a
    /// silo that died, it may have run.
    /// </summary>
    public static bool NeverRan(Exception exception) => exception switch
    {
        ConnectionFailedException or LedgerGoneException => true,
        SiloUnavailableException e => IsNotPlaced(e),
        OrleansMessageRejectionException => true,
        _ => false,
    };

    /// <summary>
    /// Whether a silo that stops refused to find the call's grain. Orleans 10.4 tells this from a silo that died with the call by the text alone
    /// (<c>PlacementService.CreateStoppingException</c>); in other words it counts as one that may have run.
    /// </summary>
    private static bool IsNotPlaced(SiloUnavailableException exception) =>
        exception.Message.StartsWith("Silo '", StringComparison.Ordinal) && exception.Message.EndsWith("' is shutting down.", StringComparison.Ordinal);
}
