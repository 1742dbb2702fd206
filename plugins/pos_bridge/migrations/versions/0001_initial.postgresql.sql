CREATE TABLE pos_bridge_close (
    id BIGSERIAL NOT NULL,
    mall_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    till_id BIGINT NOT NULL,
    till_code VARCHAR(30) NOT NULL,
    business_date DATE NOT NULL,
    said_receipts BIGINT NOT NULL,
    said_total BIGINT NOT NULL,
    arrived_receipts BIGINT NOT NULL,
    arrived_total BIGINT NOT NULL,
    difference BIGINT NOT NULL,
    agrees BOOLEAN NOT NULL,
    details TEXT NOT NULL,
    times INTEGER NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_pos_bridge_close PRIMARY KEY (id),
    CONSTRAINT uq_pos_bridge_close_day UNIQUE (till_id, business_date),
    CONSTRAINT fk_pos_bridge_close_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id),
    CONSTRAINT fk_pos_bridge_close_store_id FOREIGN KEY(store_id) REFERENCES core_store (id),
    CONSTRAINT fk_pos_bridge_close_till_id FOREIGN KEY(till_id) REFERENCES core_till (id),
    CONSTRAINT ck_pos_bridge_close_said_total_bounds CHECK (abs(said_total) <= 1000000000000000),
    CONSTRAINT ck_pos_bridge_close_arrived_total_bounds CHECK (abs(arrived_total) <= 1000000000000000),
    CONSTRAINT ck_pos_bridge_close_difference_bounds CHECK (abs(difference) <= 1000000000000000)
);

CREATE INDEX ix_pos_bridge_close_store ON pos_bridge_close (store_id, business_date);
