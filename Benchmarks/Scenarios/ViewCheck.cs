using Streaming.Benchmarks.Servers;

namespace Streaming.Benchmarks.Scenarios;

/// <summary>Holds the server to its word: every view it acknowledged was counted, and no other.</summary>
internal sealed class ViewCheck
{
    private readonly StreamingApi _api;
    private readonly Func<string> _output;
    private readonly string[] _ids;
    private readonly long _before;

    private ViewCheck(StreamingApi api, Func<string> output, string[] ids, long before)
    {
        _api = api;
        _output = output;
        _ids = ids;
        _before = before;
    }

    /// <param name="api">Of the server.</param>
    /// <param name="output">What its processes wrote last.</param>
    /// <param name="ids">All titles of the load.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<ViewCheck> BeginAsync(StreamingApi api, Func<string> output, string[] ids, CancellationToken cancellationToken) =>
        new(api, output, ids, await api.SumViewsAsync(ids, cancellationToken));

    /// <param name="viewsPerRequest">Views that one acknowledged request carried.</param>
    public async Task<bool> EndAsync(PairedLoad load, int viewsPerRequest, CancellationToken cancellationToken)
    {
        var acknowledged = load.Acknowledged * viewsPerRequest;
        var unanswered = load.Unanswered * viewsPerRequest;
        var counted = await _api.SumViewsAsync(_ids, cancellationToken) - _before;
        if (counted == acknowledged)
        {
            Console.WriteLine($"checked: {acknowledged:N0} acknowledged = {counted:N0} counted");
            return true;
        }

        // A request whose answer never came may have been counted or not; both are honest.
        if (counted > acknowledged && counted <= acknowledged + unanswered)
        {
            Console.WriteLine($"checked: {acknowledged:N0} acknowledged <= {counted:N0} counted, {unanswered:N0} unanswered");
            return true;
        }

        await Console.Error.WriteLineAsync($"FAILED: {acknowledged:N0} acknowledged, {counted:N0} counted, {unanswered:N0} unanswered");
        await Console.Error.WriteLineAsync(_output());
        return false;
    }
}
