using System.Diagnostics.Metrics;

namespace Streaming.Videos;

/// <summary>Metrics of the quotas that this silo keeps: meter <c>Streaming.Quotas</c>.</summary>
internal sealed class QuotaMetrics
{
    public const string MeterName = "Streaming.Quotas";
    private const string OutcomeTag = "streaming.quotas.outcome";

    private readonly Counter<long> reservations;
    private readonly Counter<long> refusedDownloads;

    public QuotaMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        reservations = meter.CreateCounter<long>("streaming.quotas.reservations", "{reservation}", "Uploads that asked for room, by streaming.quotas.outcome.");
        refusedDownloads = meter.CreateCounter<long>("streaming.quotas.downloads.refused", "{request}", "Requests for a video that were refused since its user has had the day's bytes, or is gone.");
        refusedDownloads.Add(0);
    }

    public void Reserved(UploadGrant grant) => reservations.Add(1, KeyValuePair.Create<string, object?>(OutcomeTag, grant.Status switch
    {
        UploadStatus.Granted => "granted",
        UploadStatus.AlreadyUploading => "already_uploading",
        UploadStatus.UnknownAccount => "unknown_account",
        UploadStatus.Busy => "busy",
        _ when grant.Limit == QuotaLimit.DailyUpload => "daily_upload_exceeded",
        _ when grant.Limit == QuotaLimit.Videos => "videos_exceeded",
        _ => "storage_exceeded",
    }));

    public void RefusedDownload() => refusedDownloads.Add(1);
}
