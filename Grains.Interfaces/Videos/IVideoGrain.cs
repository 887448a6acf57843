namespace Streaming.Videos;

/// <summary>One video, by its id: keeps its row in memory, which every request for its media asks for.</summary>
[Alias("video-grain")]
public interface IVideoGrain : IGrainWithGuidKey
{
    /// <summary>Null when there is none, or not yet, or not any more. A deleted one is told until its media are to be removed.</summary>
    [Alias("get")]
    Task<Video?> GetAsync(CancellationToken cancellationToken = default);

    /// <summary>Deletes it, at once for everybody; its media go later. Deleting it again changes nothing. False when it is not there, or not the owner's.</summary>
    /// <param name="owner">Whose it must be; null for administrators.</param>
    [Alias("delete")]
    Task<bool> DeleteAsync(Guid? owner);

    /// <summary>Restores it where it was deleted and its media are still there: <see cref="IQuotaGrain.RestoreAsync"/> of its owner.</summary>
    /// <param name="owner">Whose it must be; null for administrators.</param>
    [Alias("restore")]
    Task<RestoreStatus> RestoreAsync(Guid? owner);

    /// <summary>Keeps what was found out about the file.</summary>
    [Alias("describe-inspected")]
    Task DescribeAsync(VideoInspection found);

    /// <summary>The row was changed elsewhere: it is read again.</summary>
    [Alias("forget")]
    Task ForgetAsync();
}
