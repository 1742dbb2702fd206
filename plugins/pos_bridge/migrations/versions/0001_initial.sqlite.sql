CREATE TABLE pos_bridge_close (
    id INTEGER NOT NULL,
    mall_id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    till_id INTEGER NOT NULL,
    till_code VARCHAR(30) NOT NULL,
    business_date DATE NOT NULL,
    said_receipts INTEGER NOT NULL,
    said_total BIGINT NOT NULL,
    arrived_receipts INTEGER NOT NULL,
    arrived_total BIGINT NOT NULL,
    difference BIGINT NOT NULL,
    agrees BOOLEAN NOT NULL,
    details TEXT NOT NULL,
    times INTEGER NOT NULL,
    closed_at DATETIME NOT NULL,
    CONSTRAINT pk_pos_bridge_close PRIMARY KEY (id),
    CONSTRAINT uq_pos_bridge_close_day UNIQUE (till_id, business_date),
    CONSTRAINT fk_pos_bridge_close_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id),
    CONSTRAINT fk_pos_bridge_close_store_id FOREIGN KEY(store_id) REFERENCES core_store (id),
    CONSTRAINT fk_pos_bridge_close_till_id FOREIGN KEY(till_id) REFERENCES core_till (id),
    CONSTRAINT ck_pos_bridge_close_said_total_bounds CHECK (typeof(said_total) in ('integer', 'null') and abs(said_total) <= 1000000000000000),
    CONSTRAINT ck_pos_bridge_close_arrived_total_bounds CHECK (typeof(arrived_total) in ('integer', 'null') and abs(arrived_total) <= 1000000000000000),
    CONSTRAINT ck_pos_bridge_close_difference_bounds CHECK (typeof(difference) in ('integer', 'null') and abs(difference) <= 1000000000000000)
);

CREATE INDEX ix_pos_bridge_close_store ON pos_bridge_close (store_id, business_date);
