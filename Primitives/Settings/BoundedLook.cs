namespace Streaming;

/// <summary>Looks at something that may hang, refuse or be away, and always has an answer.</summary>
public static class BoundedLook
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <param name="advice">What to do where it does not answer.</param>
    public static async Task<Finding> AtAsync(
        string name, string where, string advice, Func<CancellationToken, Task<(FindingState State, string Detail)>> look, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            // Drivers hear a token late, or not at all.
            var (state, detail) = await Task.Run(() => look(limit.Token), limit.Token).WaitAsync(Patience, cancellationToken);
            return new Finding(name, where, state, detail);
        }
        catch (StartupException e)
        {
            return new Finding(name, where, FindingState.Failed, e.Message);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var reason = e is TimeoutException or OperationCanceledException ? $"no answer within {Patience.TotalSeconds:0} s" : e.Message.ReplaceLineEndings(" ").Trim().TrimEnd('.');
            return new Finding(name, where, FindingState.Failed, $"{reason}. {advice}");
        }
    }
}
