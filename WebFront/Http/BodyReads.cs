using System.IO.Pipelines;

namespace Streaming.WebFront;

internal static class BodyReads
{
    /// <summary>
    /// Reads, and ends by the token without breaking the reader: the server takes a body whose read was cancelled by the
    /// token given to it for one that is still being read, and cannot even skip it.
    /// </summary>
    /// <exception cref="BadHttpRequestException">The body broke off, or is none: whatever the server has thrown, it is the client's mistake.</exception>
    public static async ValueTask<ReadResult> ReadOrCancelAsync(this PipeReader body, CancellationToken cancellationToken)
    {
        using var cancelling = cancellationToken.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), body);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ReadResult result;
            try
            {
                result = await body.ReadAsync(CancellationToken.None);
            }
            catch (IOException e) when (e is not BadHttpRequestException)
            {
                throw new BadHttpRequestException("The body broke off, or is not as HTTP has it.", StatusCodes.Status400BadRequest, e);
            }

            if (!result.IsCanceled)
                return result;

            body.AdvanceTo(result.Buffer.Start);
        }
    }
}
