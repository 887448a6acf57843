using System.Buffers.Text;
using System.Text;

namespace Streaming.Benchmarks.Load;

/// <summary>
/// The least of HTTP/1.1 that tells where an answer ends: status, Content-Length or chunks, Connection: close.
/// Receives into its own buffer and drops bodies; one answer at a time, no pipelining.
/// </summary>
internal sealed class ResponseReader
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private ChunkedBody _chunks;
    private int _headBytes;
    private long _bodyLeft;
    private bool _inBody;
    private bool _isChunked;

    public int Status { get; private set; }
    public bool ClosesConnection { get; private set; }

    /// <summary>Seconds; null where the answer does not say when to come back.</summary>
    public int? RetryAfter { get; private set; }

    /// <summary>Where the next received bytes belong.</summary>
    public Memory<byte> Free => _buffer.AsMemory(_headBytes);

    public void Reset()
    {
        _headBytes = 0;
        _inBody = false;
    }

    /// <summary>Takes <paramref name="count"/> bytes just received into <see cref="Free"/>; true when the answer is complete.</summary>
    public bool Take(int count)
    {
        if (_inBody)
            return TakeBody(_buffer.AsSpan(0, count));

        _headBytes += count;
        var received = _buffer.AsSpan(0, _headBytes);
        var end = received.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return _headBytes < _buffer.Length ? false : throw new InvalidDataException("The answer's head is too long.");

        ReadHead(received[..end]);
        _inBody = true;
        _headBytes = 0;
        return TakeBody(received[(end + 4)..]);
    }

    private bool TakeBody(ReadOnlySpan<byte> bytes)
    {
        if (_isChunked)
            return _chunks.Take(bytes);

        _bodyLeft -= bytes.Length;
        return _bodyLeft >= 0 ? _bodyLeft == 0 : throw new InvalidDataException("The answer is longer than its Content-Length.");
    }

    private void ReadHead(ReadOnlySpan<byte> head)
    {
        if (head.Length < 12 || !head.StartsWith("HTTP/1."u8) || !Utf8Parser.TryParse(head.Slice(9, 3), out int status, out _) || status is < 100 or > 999)
            throw new InvalidDataException("The answer is not HTTP/1.x.");

        Status = status;
        ClosesConnection = false;
        RetryAfter = null;
        _isChunked = false;
        _chunks = default;
        _bodyLeft = status is 204 or 304 ? 0 : -1;
        for (var line = head.IndexOf("\r\n"u8); line >= 0; line = head.IndexOf("\r\n"u8))
        {
            head = head[(line + 2)..];
            ReadHeader(head);
        }

        if (_bodyLeft < 0 && !_isChunked)
            throw new InvalidDataException("The answer has neither a Content-Length nor chunks.");
    }

    private void ReadHeader(ReadOnlySpan<byte> line)
    {
        if (TryValue(line, "Content-Length:"u8, out var length))
            _bodyLeft = Utf8Parser.TryParse(length, out long bytes, out _) ? bytes : throw new InvalidDataException("Bad Content-Length.");
        else if (TryValue(line, "Transfer-Encoding:"u8, out var encoding))
            _isChunked = Ascii.EqualsIgnoreCase(encoding, "chunked"u8);
        else if (TryValue(line, "Retry-After:"u8, out var seconds))
            RetryAfter = Utf8Parser.TryParse(seconds, out int wait, out _) ? wait : null;
        else if (TryValue(line, "Connection:"u8, out var connection))
            ClosesConnection = Ascii.EqualsIgnoreCase(connection, "close"u8);
    }

    private static bool TryValue(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (line.Length < name.Length || !Ascii.EqualsIgnoreCase(line[..name.Length], name))
            return false;

        var end = line.IndexOf((byte)'\r');
        value = line[name.Length..(end < 0 ? line.Length : end)].Trim(" \t"u8);
        return true;
    }
}
