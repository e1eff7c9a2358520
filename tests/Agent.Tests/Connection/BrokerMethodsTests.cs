using System.Buffers;
using Google.Protobuf;
using Grpc.Core;
using SidecarAgent.Agent.Connection;
using SidecarAgent.V1;

namespace SidecarAgent.Agent.Tests.Connection;

public sealed class BrokerMethodsTests
{
    [Fact]
    public void They_are_the_calls_of_the_published_service()
    {
        IMethod[] methods =
            [BrokerMethods.Watch, BrokerMethods.Fetch, BrokerMethods.Acknowledge, BrokerMethods.Renew, BrokerMethods.Release];

        Assert.Equal(BrokerMethods.Service, SecretBroker.Descriptor.FullName);
        Assert.Equal(SecretBroker.Descriptor.Methods.Select(method => method.Name), methods.Select(method => method.Name));
        Assert.Equal(
            SecretBroker.Descriptor.Methods.Select(method => method.IsServerStreaming),
            methods.Select(method => method.Type is MethodType.ServerStreaming));
    }

    [Fact]
    public void An_answer_s_bytes_are_zeroed_when_the_message_is_made_of_them()
    {
        var answer = new FetchResponse
        {
            Updates = { new SecretUpdate { Path = "kv/a", Issued = new Issued { Fields = { new Field { Name = "x", Value = ByteString.CopyFromUtf8("s3cret") } } } } },
        };
        var buffer = answer.ToByteArray();

        var read = BrokerMethods.Fetch.ResponseMarshaller.ContextualDeserializer(new Answer(buffer));

        Assert.Equal(answer, read);
        Assert.All(buffer, value => Assert.Equal(0, value));
    }

    [Fact]
    public void Bytes_of_an_answer_that_is_none_are_zeroed_too()
    {
        var buffer = "\u000fs3cret"u8.ToArray();

        Assert.Throws<InvalidProtocolBufferException>(() => BrokerMethods.Fetch.ResponseMarshaller.ContextualDeserializer(new Answer(buffer)));

        Assert.All(buffer, value => Assert.Equal(0, value));
    }

    private sealed class Answer(byte[] buffer) : DeserializationContext
    {
        public override int PayloadLength => buffer.Length;

        public override byte[] PayloadAsNewBuffer() => [.. buffer];

        public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => new(buffer);
    }
}
