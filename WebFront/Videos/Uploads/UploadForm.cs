using System.Text;
using Streaming.Media;
using Streaming.Videos;

namespace Streaming.WebFront.Videos;

/// <summary>The fields of an upload, in any order; the file goes to disk as it comes.</summary>
/// <param name="maxBytes">The most that the file may have.</param>
/// <param name="tooLarge">What to say when it has more.</param>
internal sealed class UploadForm(MultipartBody body, long maxBytes, Problem tooLarge)
{
    private const int MaxParts = 20;
    private const int MaxTitleBytes = 4 * 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private VideoFormat? format;
    private string fileName = "";
    private string? title;
    private FormPart? unused;

    public VideoFormat Format => format!.Value;

    /// <summary>What it said beside the file's content.</summary>
    public UploadBody Fields => new() { Video = fileName, Title = title! };

    /// <summary>Null when there are both a video and a title, of those that are taken.</summary>
    /// <exception cref="InvalidDataException">It is not such a form.</exception>
    /// <exception cref="MediaStoreException">The disk does not take it.</exception>
    public async Task<Problem?> ReadAsync(SpooledUpload file, CancellationToken cancellationToken)
    {
        try
        {
            for (var parts = 0; await NextAsync(cancellationToken) is { } part; parts++)
            {
                if (parts == MaxParts)
                    throw new InvalidDataException($"It has more than {MaxParts} parts.");

                if (await ReadPartAsync(part, file, cancellationToken) is { } problem)
                    return problem;
            }
        }
        catch (InvalidDataException) when (HasTooMuch)
        {
            return UploadRefusals.TooMuchUnused(unused?.Name);
        }

        return HasTooMuch ? UploadRefusals.TooMuchUnused(unused?.Name)
            : format is null ? UploadRefusals.NoVideo : title is null ? UploadRefusals.NoTitle : null;
    }

    /// <summary>Of a form without a video that is said first, however much of something else it has.</summary>
    private bool HasTooMuch => format is not null && body.Skipped > UploadOptions.MaxFormBytes;

    private async ValueTask<Problem?> ReadPartAsync(FormPart part, SpooledUpload file, CancellationToken cancellationToken)
    {
        switch (part)
        {
            case { Name: UploadBody.VideoField }:
                return await ReadVideoAsync(part, file, cancellationToken);
            case { Name: UploadBody.TitleField, FileName: null }:
                return await ReadTitleAsync(cancellationToken);
            default:
                // The last one that came before there was too much.
                if (body.Skipped <= UploadOptions.MaxFormBytes)
                    unused = part;

                return null;
        }
    }

    /// <summary>A form that has no video in as many bytes as could be one has none.</summary>
    private async ValueTask<FormPart?> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await body.NextAsync(cancellationToken);
        }
        catch (InvalidDataException) when (format is null && body.Skipped > maxBytes)
        {
            return null;
        }
    }

    private async Task<Problem?> ReadVideoAsync(FormPart part, SpooledUpload file, CancellationToken cancellationToken)
    {
        var piece = await body.ReadAsync(FileSignature.Bytes, cancellationToken);
        // What a page sends when nobody has chosen a file.
        if (piece.IsEmpty)
            return null;

        var found = FileSignature.FormatOf(piece.Span);
        // Some clients send a file without saying that it is one, and some a text in its place.
        if (found is null && !part.IsFile)
            return null;

        if (format is not null)
            return UploadRefusals.TwoVideos;

        if (found is null)
            return UploadRefusals.NotAVideo;

        if (body.Skipped > UploadOptions.MaxFormBytes)
            return UploadRefusals.TooMuchUnused(unused?.Name);

        format = found;
        fileName = part.FileName ?? "";
        for (; !piece.IsEmpty; piece = await body.ReadAsync(cancellationToken))
        {
            if (file.Bytes + piece.Length > maxBytes)
                return tooLarge;

            await file.WriteAsync(piece, cancellationToken);
        }

        return null;
    }

    private async Task<Problem?> ReadTitleAsync(CancellationToken cancellationToken)
    {
        if (title is not null)
            return UploadRefusals.BadTitle;

        // One piece has all of it, or it is too long.
        var bytes = await body.ReadAsync(MaxTitleBytes, cancellationToken);
        if (bytes.Length >= MaxTitleBytes)
            return UploadRefusals.BadTitle;

        try
        {
            title = Utf8.GetString(bytes.Span).Trim();
        }
        catch (DecoderFallbackException)
        {
            return UploadRefusals.BadTitle;
        }

        return UploadBody.CheckTitle(title);
    }
}
