using System.Text.Json;

namespace Streaming.Tests.Http;

/// <summary>What a client's code depends on: the fields, their order and the kind of their values.</summary>
internal static class Shape
{
    public const string Row =
        "content_id:String title:String original_title:String release_date:String duration_minutes:Number content_type:String "
        + "summary:String thumbnail_url:String trailer_url:String rating:String created_at:String updated_at:String";

    public const string Review =
        "_id:String content_id:String user_id:String rating:Number comment:String is_spoiler:Bool likes_count:Number "
        + "created_at:String replies:Array __v:Number";

    public const string ReviewWithoutComment =
        "_id:String content_id:String user_id:String rating:Number is_spoiler:Bool likes_count:Number "
        + "created_at:String replies:Array __v:Number";

    public const string NamedReview =
        "_id:String content_id:String user_id:String username:String rating:Number comment:String is_spoiler:Bool "
        + "likes_count:Number created_at:String replies:Array __v:Number";

    /// <summary>As <c>name:Kind name:Kind</c>.</summary>
    public static string Of(JsonElement json) =>
        string.Join(' ', json.EnumerateObject().Select(property => $"{property.Name}:{Kind(property.Value.ValueKind)}"));

    /// <summary>A moment as JavaScript's <c>toISOString</c> writes it.</summary>
    public static void IsMoment(JsonElement json) => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", json.GetString());

    private static string Kind(JsonValueKind kind) => kind is JsonValueKind.True or JsonValueKind.False ? "Bool" : kind.ToString();
}
