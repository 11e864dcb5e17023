/*
 * Stands in for the function of the same name (without __wrap_) of librdkafka: does nothing and says that all is done.
 * Why: docs/adr/0011-a-function-of-the-client-is-left-out.md
 */
int __wrap_rd_kafka_metadata_update_op(void *client, void *update) {
    const int handled = 1; /* RD_KAFKA_OP_RES_HANDLED */
    (void)client;
    (void)update;
    return handled;
}
