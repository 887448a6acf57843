using System.IO.Pipelines;

namespace Streaming.WebFront.Videos;

internal static class BodyReads
{
    /// <summary>
    /// Reads, and ends by the token without breaking the reader: the server takes a body whose read was cancelled by the
    /// token given to it for one that is still being read, and cannot even skip it.
    /// </summary>
    public static async ValueTask<ReadResult> ReadOrCancelAsync(this PipeReader body, CancellationToken cancellationToken)
    {
        using var cancelling = cancellationToken.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), body);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var result = await body.ReadAsync(CancellationToken.None);
            if (!result.IsCanceled)
                return result;

            body.AdvanceTo(result.Buffer.Start);
        }
    }
}
