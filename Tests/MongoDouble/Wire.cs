using System.Buffers.Binary;
using MongoDB.Bson;
using MongoDB.Bson.IO;
using MongoDB.Bson.Serialization;
using MongoDB.Bson.Serialization.Serializers;

namespace Streaming.Tests.MongoDouble;

/// <summary>The frames of MongoDB's wire protocol: OP_MSG, and OP_QUERY for a driver's first hello.</summary>
internal static class Wire
{
    public const int MaxMessageSize = 48_000_000;
    public const int HeaderSize = 16;

    private const int OpReply = 1;
    private const int OpQuery = 2004;
    private const int OpMsg = 2013;
    private const uint ChecksumPresent = 1;
    private const uint MoreToCome = 2;

    /// <exception cref="InvalidDataException">It is no message, or a longer one than allowed.</exception>
    public static int ReadLength(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadInt32LittleEndian(header) is var length and > HeaderSize and <= MaxMessageSize
        ? length
        : throw new InvalidDataException("The length of a message is out of range.");

    /// <summary>The command in a message, and how to answer it; no answer is wanted where that is null.</summary>
    public static (BsonDocument Command, Func<BsonDocument, byte[]>? Answer) Read(byte[] message)
    {
        var id = BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(4));
        return BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(12)) switch
        {
            OpMsg => ReadMsg(message, id),
            OpQuery => (ReadQuery(message), answer => WriteReply(id, answer)),
            var other => throw new InvalidDataException($"The double of MongoDB takes no message of kind {other}."),
        };
    }

    private static (BsonDocument Command, Func<BsonDocument, byte[]>? Answer) ReadMsg(byte[] message, int id)
    {
        var flags = BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(HeaderSize));
        var end = message.Length - ((flags & ChecksumPresent) != 0 ? 4 : 0);
        BsonDocument? command = null;
        var sequences = new List<BsonElement>();
        using var stream = new MemoryStream(message, HeaderSize + 4, end - HeaderSize - 4, writable: false);
        while (stream.Position < stream.Length)
        {
            if (stream.ReadByte() == 0)
                command = ReadDocument(stream);
            else
                sequences.Add(ReadSequence(message, stream));
        }

        _ = command ?? throw new InvalidDataException("A message lacks its command.");
        command.AddRange(sequences);
        return (command, (flags & MoreToCome) != 0 ? null : answer => WriteMsg(id, answer));
    }

    /// <summary>Documents apart from the command that they belong to.</summary>
    private static BsonElement ReadSequence(byte[] message, MemoryStream stream)
    {
        var start = stream.Position;
        Span<byte> size = stackalloc byte[4];
        stream.ReadExactly(size);
        var end = start + BinaryPrimitives.ReadInt32LittleEndian(size);
        var name = new System.Text.StringBuilder();
        for (int c; (c = stream.ReadByte()) > 0;)
            name.Append((char)c);

        var documents = new BsonArray();
        while (stream.Position < end)
            documents.Add(ReadDocument(stream));

        return stream.Position == end ? new BsonElement(name.ToString(), documents) : throw new InvalidDataException($"A sequence of {message.Length} bytes is cut.");
    }

    private static BsonDocument ReadQuery(byte[] message)
    {
        using var stream = new MemoryStream(message, HeaderSize + 4, message.Length - HeaderSize - 4, writable: false);
        var name = new System.Text.StringBuilder();
        for (int c; (c = stream.ReadByte()) > 0;)
            name.Append((char)c);

        stream.Position += 8;
        return name.ToString() is var collection && collection.EndsWith(".$cmd", StringComparison.Ordinal)
            ? ReadDocument(stream).Set("$db", collection[..^5])
            : throw new InvalidDataException($"The double of MongoDB takes no old query of {collection}.");
    }

    private static byte[] WriteMsg(int to, BsonDocument answer)
    {
        using var stream = Start(to, OpMsg);
        stream.Write([0, 0, 0, 0, 0]);
        return Finish(stream, answer);
    }

    private static byte[] WriteReply(int to, BsonDocument answer)
    {
        using var stream = Start(to, OpReply);
        // Flags, cursor and start are 0, and there is one document.
        stream.Write([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
        return Finish(stream, answer);
    }

    private static MemoryStream Start(int to, int kind)
    {
        var stream = new MemoryStream();
        Span<byte> header = stackalloc byte[HeaderSize];
        header.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], to);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], kind);
        stream.Write(header);
        return stream;
    }

    private static byte[] Finish(MemoryStream stream, BsonDocument answer)
    {
        stream.Write(answer.ToBson());
        var message = stream.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        return message;
    }

    private static BsonDocument ReadDocument(MemoryStream stream)
    {
        using var reader = new BsonBinaryReader(stream);
        return BsonDocumentSerializer.Instance.Deserialize(BsonDeserializationContext.CreateRoot(reader));
    }
}
