namespace Streaming.WebFront.Limits;

/// <summary>
/// A stream whose last byte that is not zero is read alone, and so tells whether a reader that takes more than it needs was done before it.
/// Zeros at the end are padding.
/// </summary>
internal sealed class TailStream(Stream inner) : ReadOnlyStream
{
    private readonly byte[] buffer = new byte[8 * 1024];
    private int start;
    private int end;
    private byte? before;
    private long zerosBefore;
    private byte? last;
    private long zeros;
    private bool isOver;

    /// <summary>Whether its last byte that is not zero was read.</summary>
    public bool WasTaken { get; private set; }

    /// <summary>Whether it was read from once more after that.</summary>
    public bool WasAskedForMore { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;

        while (true)
        {
            if (Take(buffer.Span) is > 0 and var taken)
                return taken;

            if (isOver)
                return TakeEnd(buffer.Span);

            Add(await inner.ReadAsync(this.buffer, cancellationToken));
        }
    }

    /// <summary>Of what something follows that is not zero.</summary>
    private int Take(Span<byte> target)
    {
        if (before is { } value)
        {
            (target[0], before) = (value, null);
            return 1;
        }

        if (zerosBefore > 0)
            return TakeZeros(target, ref zerosBefore);

        var count = Math.Min(end - start, target.Length);
        buffer.AsSpan(start, count).CopyTo(target);
        start += count;
        return count;
    }

    private int TakeEnd(Span<byte> target)
    {
        if (last is { } value)
        {
            (target[0], last, WasTaken) = (value, null, true);
            return 1;
        }

        WasAskedForMore = true;
        return TakeZeros(target, ref zeros);
    }

    /// <summary>What came last into the buffer; nothing of what came before is in it any more.</summary>
    private void Add(int count)
    {
        isOver = count == 0;
        var place = buffer.AsSpan(0, count).LastIndexOfAnyExcept((byte)0);
        if (place < 0)
        {
            zeros += count;
            return;
        }

        (before, zerosBefore, start, end) = (last, zeros, 0, place);
        (last, zeros) = (buffer[place], count - place - 1);
    }

    private static int TakeZeros(Span<byte> target, ref long left)
    {
        var count = (int)Math.Min(left, target.Length);
        target[..count].Clear();
        left -= count;
        return count;
    }
}
