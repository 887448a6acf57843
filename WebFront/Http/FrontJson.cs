using System.Text.Json;
using System.Text.Json.Serialization;
using Streaming.WebFront.Audit;
using Streaming.WebFront.Content;
using Streaming.WebFront.Reviews;
using Streaming.WebFront.Users;
using Streaming.WebFront.Videos;
using Streaming.WebFront.Viewing;

namespace Streaming.WebFront;

/// <summary>JSON of the bodies and answers that only the front knows.</summary>
[JsonSerializable(typeof(ContentDetails))]
[JsonSerializable(typeof(ReviewBody))]
[JsonSerializable(typeof(ReviewWritten))]
[JsonSerializable(typeof(ViewsBody))]
[JsonSerializable(typeof(ViewsRecorded))]
[JsonSerializable(typeof(ViewBatchEntry[]))]
[JsonSerializable(typeof(ViewBatchRecorded))]
[JsonSerializable(typeof(ProgressBody))]
[JsonSerializable(typeof(ProgressSaved))]
[JsonSerializable(typeof(LogBody))]
[JsonSerializable(typeof(LogAdded))]
[JsonSerializable(typeof(LogList))]
[JsonSerializable(typeof(LogRow))]
[JsonSerializable(typeof(Done))]
[JsonSerializable(typeof(RegisterBody))]
[JsonSerializable(typeof(LoginBody))]
[JsonSerializable(typeof(RefreshBody))]
[JsonSerializable(typeof(ChangePasswordBody))]
[JsonSerializable(typeof(PasswordBody))]
[JsonSerializable(typeof(RoleBody))]
[JsonSerializable(typeof(ApiKeyBody))]
[JsonSerializable(typeof(LoggedIn))]
[JsonSerializable(typeof(ProfileAnswer))]
[JsonSerializable(typeof(Session[]))]
[JsonSerializable(typeof(ExportedAccount))]
[JsonSerializable(typeof(ListedAccount[]))]
[JsonSerializable(typeof(ListedApiKey[]))]
[JsonSerializable(typeof(ApiKeyMade))]
[JsonSerializable(typeof(VideoList))]
[JsonSerializable(typeof(DeletedVideoList))]
[JsonSerializable(typeof(StorageUsage))]
[JsonSerializable(typeof(DailyUsage))]
[JsonSerializable(typeof(QuotaMegabytes))]
[JsonSerializable(typeof(QuotaAnswer))]
[JsonSerializable(typeof(PlayableVideo))]
[JsonSerializable(typeof(UploadBody))]
[JsonSerializable(typeof(VideoUploaded))]
internal sealed partial class FrontJson : JsonSerializerContext
{
    public static FrontJson Contract { get; } = new(new JsonSerializerOptions(StreamingJson.Contract.Options));
}
