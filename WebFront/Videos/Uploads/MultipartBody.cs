using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace Streaming.WebFront.Videos;

/// <summary>
/// Reads a <c>multipart/form-data</c> body (RFC 7578) part by part, in pieces of one pooled buffer, which go to disk as they lie
/// there: the framework's reader copies them twice more, in pieces of 4 kB. Disposing it gives the buffer back.
/// </summary>
internal sealed class MultipartBody : IDisposable
{
    /// <summary>A form whose boundary is longer is not read.</summary>
    public const int MaxBoundary = 70;

    // Large enough for writes that are worth their change of threads.
    private const int BufferBytes = 256 * 1024;
    // A name of 300 characters has up to 3,600 bytes where it is percent-encoded, and may come in two forms.
    private const int MaxHeadBytes = 16 * 1024;
    private const int MinBufferBytes = 4 * MaxHeadBytes;

    private readonly PipeReader body;
    private readonly byte[] buffer;
    private readonly byte[] delimiter;
    private readonly long maxSkipped;
    private int start;
    private int searched;
    private int end;
    private bool isReturned;
    private State state = State.InPart;

    /// <param name="maxSkipped">Bytes of content, of all parts together and of what stands before them, that may go unread.</param>
    public MultipartBody(PipeReader body, string boundary, long maxSkipped, int bufferBytes = BufferBytes)
    {
        this.body = body;
        this.maxSkipped = maxSkipped;
        delimiter = Encoding.ASCII.GetBytes("\r\n--" + boundary);
        buffer = ArrayPool<byte>.Shared.Rent(Math.Max(bufferBytes, MinBufferBytes));
        // What stands before the first boundary is read as a part is, and the first one may be without a line break before it.
        "\r\n"u8.CopyTo(buffer);
        end = 2;
    }

    private enum State
    {
        InPart,
        AtDelimiter,
        AtEnd,
    }

    /// <summary>Bytes of content that went unread, of all parts together and of what stands before them.</summary>
    public long Skipped { get; private set; }

    /// <summary>The boundary of a form; null for a body that is none.</summary>
    public static string? BoundaryOf(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            return null;

        return HeaderUtilities.RemoveQuotes(type.Boundary).Value ?? "";
    }

    public static bool IsBoundary(string text) =>
        text.Length is > 0 and <= MaxBoundary && !text.AsSpan().ContainsAnyExceptInRange(' ', '~') && text[^1] != ' ';

    /// <summary>Goes to the next part, over what is left of this one. Null after the last.</summary>
    /// <exception cref="InvalidDataException">It is not such a form, or ends too early.</exception>
    public async ValueTask<FormPart?> NextAsync(CancellationToken cancellationToken)
    {
        while (state == State.InPart)
        {
            Skipped += (await ReadAsync(1, cancellationToken)).Length;
            if (Skipped > maxSkipped)
                throw new InvalidDataException("The form has too much in it that is not used.");
        }

        if (state == State.AtEnd)
            return null;

        await EnsureAsync(2, cancellationToken);
        if (Unread.StartsWith("--"u8))
        {
            state = State.AtEnd;
            return null;
        }

        var head = await ReadHeadAsync(cancellationToken);
        state = State.InPart;
        return head;
    }

    /// <summary>
    /// The next piece of the part's content, of at least so many bytes unless the part ends with it; empty at the end of the
    /// part. Good until the next call.
    /// </summary>
    /// <param name="atLeast">Not more than half of the buffer.</param>
    /// <exception cref="InvalidDataException">The body ends too early.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(int atLeast, CancellationToken cancellationToken)
    {
        while (state == State.InPart)
        {
            var found = buffer.AsSpan(searched..end).IndexOf(delimiter);
            if (found >= 0)
            {
                state = State.AtDelimiter;
                return Take(searched + found - start, delimiter.Length);
            }

            // A delimiter may begin in the last bytes; what stands before them is content.
            searched = Math.Max(start, end - delimiter.Length + 1);
            if (searched - start >= atLeast)
                return Take(searched - start, 0);

            await FillAsync(cancellationToken);
        }

        return ReadOnlyMemory<byte>.Empty;
    }

    /// <summary>As many bytes as fit at a time.</summary>
    public ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken) => ReadAsync(buffer.Length / 2, cancellationToken);

    public void Dispose()
    {
        if (isReturned)
            return;

        isReturned = true;
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private ReadOnlySpan<byte> Unread => buffer.AsSpan(start..end);

    private ReadOnlyMemory<byte> Take(int bytes, int after)
    {
        var piece = buffer.AsMemory(start, bytes);
        searched = start += bytes + after;
        return piece;
    }

    /// <summary>From the end of the delimiter to the empty line.</summary>
    private async ValueTask<FormPart> ReadHeadAsync(CancellationToken cancellationToken)
    {
        int length;
        while ((length = Unread.IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (end - start > MaxHeadBytes)
                throw new InvalidDataException("A part has too many headers.");

            await FillAsync(cancellationToken);
        }

        if (length > MaxHeadBytes)
            throw new InvalidDataException("A part has too many headers.");

        var lines = Encoding.UTF8.GetString(Unread[..length]).Split("\r\n");
        Take(length, 4);
        // Spaces may stand after a boundary, and nothing else.
        if (lines[0].AsSpan().ContainsAnyExcept(' ', '\t'))
            throw new InvalidDataException("A boundary is followed by something else.");

        return FormPart.Read(lines.AsSpan(1));
    }

    private async ValueTask EnsureAsync(int bytes, CancellationToken cancellationToken)
    {
        while (end - start < bytes)
            await FillAsync(cancellationToken);
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (start > 0 && (start == end || buffer.Length - end < buffer.Length / 4))
        {
            Unread.CopyTo(buffer);
            (searched, end, start) = (searched - start, end - start, 0);
        }

        var result = await body.ReadOrCancelAsync(cancellationToken);
        var piece = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, buffer.Length - end));
        piece.CopyTo(buffer.AsSpan(end));
        end += (int)piece.Length;
        // Before anything is thrown: a reader that was left in the middle of a read cannot be read on, nor ended.
        body.AdvanceTo(piece.End);
        if (piece.IsEmpty && result.IsCompleted)
            throw new InvalidDataException("The form ends too early.");
    }
}

/// <summary>What a part says of itself.</summary>
/// <param name="FileName">Null for a part that names no file.</param>
/// <param name="IsFile">It names a file, if only by an empty name, or has a type that fields of text do not have.</param>
internal sealed record FormPart(string? Name, string? FileName, bool IsFile)
{
    private const string Disposition = "Content-Disposition:";
    private const string Type = "Content-Type:";

    public static FormPart Read(ReadOnlySpan<string> headers)
    {
        string? name = null;
        string? fileName = null;
        var isTyped = false;
        foreach (var header in Unfold(headers))
        {
            if (header.StartsWith(Type, StringComparison.OrdinalIgnoreCase))
                isTyped = !header[Type.Length..].TrimStart().StartsWith("text/plain", StringComparison.OrdinalIgnoreCase);
            else if (name is null && fileName is null && header.StartsWith(Disposition, StringComparison.OrdinalIgnoreCase))
                (name, fileName) = ContentDisposition.Read(header[Disposition.Length..]);
        }

        return new FormPart(name, fileName, fileName is not null || isTyped);
    }

    /// <summary>A line that begins with a space goes on with the one before.</summary>
    private static List<string> Unfold(ReadOnlySpan<string> lines)
    {
        var headers = new List<string>();
        foreach (var line in lines)
        {
            if (headers.Count > 0 && line is [' ' or '\t', ..])
                headers[^1] += " " + line.Trim();
            else
                headers.Add(line);
        }

        return headers;
    }
}
