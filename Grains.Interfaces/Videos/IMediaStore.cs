namespace Streaming.Videos;

/// <summary>
/// Where the files of videos are, by video id: the video, and where there is one an image of it. Fronts put and read them,
/// silos remove them. A file is there whole or not at all.
/// </summary>
public interface IMediaStore
{
    /// <summary>
    /// Takes a whole file as a video's; completes when it is durable. Repeated with the same file it changes nothing. The file
    /// is the store's then: it may have been moved away.
    /// </summary>
    /// <exception cref="MediaStoreException">It is not there; with <see cref="MediaFailure.Unknown"/> it may be.</exception>
    Task PutAsync(Guid videoId, MediaKind kind, MediaFile file, CancellationToken cancellationToken);

    /// <summary>Null when there is no such file.</summary>
    /// <exception cref="MediaStoreException">It cannot be read now.</exception>
    Task<MediaContent?> OpenAsync(Guid videoId, MediaKind kind, CancellationToken cancellationToken);

    /// <summary>Removes both files of a video; without any it changes nothing.</summary>
    /// <exception cref="MediaStoreException">Something may be left: repeat it.</exception>
    Task DeleteAsync(Guid videoId, CancellationToken cancellationToken);
}

public enum MediaKind
{
    Video,

    /// <summary>A JPEG of a moment of it.</summary>
    Image,
}

/// <param name="Path">On this machine; made by the program, never from what a client sent.</param>
public sealed record MediaFile(string Path, long Bytes, string ContentType);

/// <summary>A file of the store: either its bytes, or where a client gets them.</summary>
public abstract record MediaContent
{
    private MediaContent()
    {
    }

    /// <param name="Content">Seekable; whoever opened it disposes it.</param>
    public sealed record Bytes(Stream Content, DateTimeOffset LastModified) : MediaContent;

    /// <param name="Url">Absolute, and good for some time only where the store can do that.</param>
    public sealed record Elsewhere(Uri Url) : MediaContent;
}

public enum MediaFailure
{
    /// <summary>No room for it.</summary>
    Full,

    /// <summary>The store does not answer, or asks to come back later.</summary>
    Unavailable,

    /// <summary>The store does not take this file, or not from us; trying again does not help.</summary>
    Refused,

    /// <summary>Whether it was done is unknown.</summary>
    Unknown,
}

/// <summary>Its message is for the operator and says what to do; clients get words of the front's own.</summary>
public sealed class MediaStoreException(MediaFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    public MediaFailure Failure { get; } = failure;
}
