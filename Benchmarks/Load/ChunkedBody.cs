namespace Streaming.Benchmarks.Load;

/// <summary>Finds the end of a chunked body that arrives in pieces; <c>default</c> stands before the first chunk.</summary>
internal struct ChunkedBody
{
    private enum Place
    {
        Size,
        Extension,
        Data,
        Trailer,
    }

    private Place _place;
    private long _left;
    private int _trailerLine;

    public bool Take(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_place == Place.Data)
            {
                var skipped = (int)Math.Min(_left, bytes.Length);
                _left -= skipped;
                bytes = bytes[skipped..];
                if (_left == 0)
                    _place = Place.Size;
                continue;
            }

            var next = bytes[0];
            bytes = bytes[1..];
            if (_place == Place.Trailer ? EndsTrailer(next) : EndsSize(next))
                return bytes.IsEmpty ? true : throw new InvalidDataException("Bytes after the last chunk.");
        }

        return false;
    }

    private bool EndsSize(byte next)
    {
        if (next == '\n')
        {
            // The line end that closes a chunk's data was counted into the data, so a size of zero is the last chunk.
            _place = _left == 0 ? Place.Trailer : Place.Data;
            _left = _left == 0 ? 0 : _left + 2;
        }
        else if (next == ';')
        {
            _place = Place.Extension;
        }
        else if (_place == Place.Size && next != '\r')
        {
            _left = char.IsAsciiHexDigit((char)next)
                ? (_left * 16) + Convert.ToInt32(((char)next).ToString(), 16)
                : throw new InvalidDataException("Bad chunk size.");
        }

        return false;
    }

    private bool EndsTrailer(byte next)
    {
        if (next == '\n')
        {
            var empty = _trailerLine == 0;
            _trailerLine = 0;
            return empty;
        }

        if (next != '\r')
            _trailerLine++;
        return false;
    }
}
