using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using SidecarAgent.Webhook.Admission;
using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Tests.Kit;

namespace SidecarAgent.Webhook.Tests.Admission;

/// <summary>Torn and bent requests: whatever arrives, the answer is a sentence or a review, and never an exception.</summary>
public sealed class DecoderPropertyTests
{
    private static readonly byte[] Whole = Encoding.UTF8.GetBytes(Reviews.Recorded("everything").ToJsonString());

    private static readonly Gen<(int At, byte[] Bytes, int Removed)[]> Changes =
        Gen.Select(Gen.Int[0, Whole.Length - 1], Gen.Byte.Array[0, 6], Gen.Int[0, 20]).Array[1, 4];

    [Fact]
    public void A_bent_review_is_refused_or_answered() => Changes.Sample(changes =>
    {
        var body = Whole.ToList();
        foreach (var (at, bytes, removed) in changes)
        {
            var start = Math.Min(at, body.Count);
            body.RemoveRange(start, Math.Min(removed, body.Count - start));
            body.InsertRange(start, bytes);
        }

        Check([.. body]);
    });

    /// <summary>Bytes that JSON is made of, so that more of them get past the parser.</summary>
    [Fact]
    public void A_review_with_other_JSON_in_it_is_refused_or_answered() => Gen.Select(
        Gen.Int[0, Whole.Length - 1], Gen.OneOf("{}", "[]", "null", "1e999", "\"\\ud800\"", "\"\\udbff\\udfff\"", "-", "\"a\":", ",", "}", "]", "{\"name\":1}"),
        Gen.Int[0, 12]).Sample((at, text, removed) =>
    {
        var body = Whole.ToList();
        body.RemoveRange(at, Math.Min(removed, body.Count - at));
        body.InsertRange(at, Encoding.UTF8.GetBytes(text));

        Check([.. body]);
    });

    private static void Check(byte[] body)
    {
        if (!AdmissionReviewDecoder.TryDecode(body, out var request, out var problem))
        {
            Assert.DoesNotContain('\n', problem);
            return;
        }

        var decision = request is { IsNewPod: true, Object: { } pod }
            ? PodInjection.Decide(pod, request.Namespace, The.Settings)
            : new Decision.Skip(SkipReason.NotANewPod);
        var answer = new ArrayBufferWriter<byte>();
        AdmissionReviewWriter.Write(answer, request, decision);
        Assert.Equal(request.Uid, (string)JsonNode.Parse(answer.WrittenSpan)!["response"]!["uid"]!);
    }
}
